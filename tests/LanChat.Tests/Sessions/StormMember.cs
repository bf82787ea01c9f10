using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>A scripted member of a storm, as the protocol's text describes it: it writes and reads in odd pieces, comes back after every cut, and checks what it is told.</summary>
internal sealed class StormMember(MemoryServer server, string name, Dictionary<ulong, WireFrame> log, Random random, bool mayExpire)
{
    // Connections that it gave up without a word; the server does not know.
    private readonly List<MemoryClient> _abandoned = [];
    private readonly List<byte> _unsent = [];
    private readonly List<byte> _unread = [];
    private readonly SortedDictionary<ulong, string> _open = [];
    private MemoryClient? _client;
    private ulong _session;
    private byte[] _token = new byte[FrameLimits.TokenBytes];
    private uint _attempt;
    private ulong _lastId;
    private ulong _epoch;
    private ulong _after;
    private ulong _rosterAt;
    private bool _isWelcome;

    // The server has said something after WELCOME, so the session outlives its connection.
    private bool _isKept;
    private bool _isJoined;
    private int _said;

    internal string Name => name;

    /// <summary>The members of the lobby, as it was told.</summary>
    internal List<string> Roster { get; } = [];

    internal bool IsConnected => _client is not null;

    internal bool IsSettled => _isJoined && _open.Count == 0 && _unsent.Count == 0 && _unread.Count == 0;

    /// <summary>A new connection, whether or not there is one: then it takes the session over.</summary>
    internal void Connect()
    {
        if (_client is not null)
        {
            _abandoned.Add(_client);
        }

        (MemoryLink link, _client) = server.Network.Connect();
        server.Host.Accept(link);
        (_isWelcome, _isJoined) = (false, false);
        _unread.Clear();
        _unsent.Clear();
        _unsent.AddRange(WireFrame.Bytes(new HelloFrame { Version = 1, Session = _session, Token = _token, Attempt = ++_attempt, Name = Encoding.UTF8.GetBytes(name) }));
        _unsent.AddRange(WireFrame.Join("lobby", 10_000, _epoch, _after));
        if (_isKept && !mayExpire)
        {
            // It has the session for sure; else a new one could take these ids for its own.
            SendOpen();
        }
    }

    internal void Publish()
    {
        if (_isWelcome)
        {
            string text = $"{name} says {++_said}";
            _open.Add(++_lastId, text);
            _unsent.AddRange(WireFrame.Publish(1, _lastId, text));
        }
    }

    internal void Cut()
    {
        if (random.Next(2) == 0)
        {
            _client?.Reset();
        }
        else
        {
            _client?.End();
        }

        _client = null;
    }

    /// <summary>The server hears of those too.</summary>
    internal void CutAbandoned()
    {
        _abandoned.ForEach(client => client.Reset());
        _abandoned.Clear();
    }

    internal void SayGoodbye() => _client!.Write(WireFrame.Goodbye());

    internal void Write() => Write(Math.Min(_unsent.Count, random.Next(4) == 0 ? random.Next(100) : _unsent.Count));

    internal void WriteAll() => Write(_unsent.Count);

    internal void Read()
    {
        if (_client is null)
        {
            return;
        }

        _unread.AddRange(_client.ReadAll());
        List<WireFrame> frames = WireFrame.Parse(_unread.ToArray(), out int used);
        _unread.RemoveRange(0, used);
        foreach (WireFrame frame in frames)
        {
            Take(frame);
        }

        if (_client is { Status: LinkStatus.Ended or LinkStatus.Broken })
        {
            _client = null;
        }
    }

    private void Write(int count)
    {
        if (_client is not null)
        {
            _client.ToServer.TryWrite([.. _unsent[..count]], out _);
            _unsent.RemoveRange(0, count);
        }
    }

    private void SendOpen()
    {
        foreach ((ulong id, string text) in _open)
        {
            _unsent.AddRange(WireFrame.Publish(1, id, text));
        }
    }

    private void Take(WireFrame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Welcome:
                TakeWelcome(frame.Welcome);
                break;
            case FrameType.Joined:
                TakeJoined(frame.Joined);
                break;
            case FrameType.Roster:
                Roster.Clear();
                Roster.AddRange(frame.RosterNames());
                _rosterAt = frame.Roster.Sequence;
                break;
            case FrameType.Ack:
                Assert.NotEqual(0UL, frame.Ack.Sequence);
                _open.Remove(frame.Ack.Id);
                break;
            case FrameType.Entry:
                TakeEntry(frame);
                break;
            case FrameType.Pong:
                _isKept = true;
                break;
            case FrameType.Bye:
                // 10: somebody's session of this name is not over yet. Nothing else may be said to who keeps the rules.
                Assert.Equal((ushort)DisconnectReason.NameInUse, frame.Bye.Code);
                break;
            default:
                Assert.Fail($"{name}: {frame} was not expected.");
                break;
        }
    }

    private void TakeWelcome(WelcomeFrame welcome)
    {
        if (welcome.Flags != WelcomeFrame.ResumedFlag)
        {
            // What was open is unknown, and not sent again.
            Assert.True(mayExpire || !_isKept, $"{name}: the session was lost.");
            _open.Clear();
            _lastId = 0;
            _isKept = false;
        }
        else if (mayExpire || !_isKept)
        {
            SendOpen();
        }

        Assert.InRange(welcome.LastId, 0UL, _lastId);
        _unsent.AddRange(Callers.Ping(1));
        _isWelcome = true;
        _session = welcome.Session;
        _token = welcome.Token.ToArray();
    }

    private void TakeJoined(JoinedFrame joined)
    {
        Assert.Equal(_epoch == 0 ? JoinOutcome.Fresh : JoinOutcome.Recovered, joined.Outcome);
        Assert.True(_epoch == 0 || joined.First == _after + 1, $"{name}: JOINED goes on at {joined.First} after {_after}.");
        _after = joined.First - 1;
        _epoch = joined.Epoch;
        _isJoined = true;
    }

    private void TakeEntry(WireFrame frame)
    {
        EntryFrame entry = frame.Entry;
        Assert.Equal(++_after, entry.Sequence);
        if (!log.TryAdd(entry.Sequence, frame))
        {
            Assert.Equal(log[entry.Sequence].Body, frame.Body);
        }

        string who = Encoding.UTF8.GetString(entry.Name);
        string text = Encoding.UTF8.GetString(entry.Body);
        if (entry.Kind == EntryKind.Message && who == name && _open.TryGetValue(entry.Id, out string? mine) && mine == text)
        {
            _open.Remove(entry.Id);
        }
        else if (entry.Kind == EntryKind.Joined && entry.Sequence > _rosterAt)
        {
            Roster.Add(who);
        }
        else if (entry.Kind == EntryKind.Left && entry.Sequence > _rosterAt)
        {
            Assert.True(Roster.Remove(who));
        }
    }
}
