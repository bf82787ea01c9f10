using LanChat.Framing;

namespace LanChat.Tests.Client;

/// <summary>Plays a server with one session and a lobby whose log outlives connections: what is known of each id, it keeps.</summary>
internal sealed class ScriptedLobby
{
    private readonly List<(EntryKind Kind, string Text, ulong Id)> _log = [];
    private readonly Dictionary<ulong, ulong> _sequences = [];
    private ulong _lastId;
    private ulong _mails;
    private bool _isMember;

    /// <summary>Gets the texts of the log, by their sequence.</summary>
    public IReadOnlyDictionary<long, string> Messages =>
        _log.Select((entry, i) => (entry, Sequence: i + 1L)).Where(one => one.entry.Kind == EntryKind.Message).ToDictionary(one => one.Sequence, one => one.entry.Text);

    public int Connections { get; private set; }

    private ulong Newest => (ulong)_log.Count;

    /// <summary>Acts on all that one connection's client sent, also on what was still on its way when it was cut.</summary>
    public async Task ServeAsync(ScriptedServer server)
    {
        Connections++;
        bool isJoined = false;
        while (await server.NextAsync() is { } frame)
        {
            switch (frame.Type)
            {
                case FrameType.Hello:
                    bool isResumed = ScriptedServers.Hello.Of(frame).Session == 5;
                    server.SendWelcome(resumed: isResumed, lastId: isResumed ? _lastId : 0, mailbox: (9, isResumed ? JoinOutcome.Recovered : JoinOutcome.Fresh, 1, 0));
                    break;
                case FrameType.Join:
                    Join(server, frame.Join.Epoch, frame.Join.After);
                    isJoined = true;
                    break;
                case FrameType.Publish when IsNew(server, frame.Publish.Id):
                    _log.Add((EntryKind.Message, frame.Publish.Text, frame.Publish.Id));
                    _sequences[frame.Publish.Id] = Newest;
                    if (isJoined)
                    {
                        Send(server, Newest);
                    }

                    break;
                case FrameType.Direct when IsNew(server, frame.Direct.Id):
                    _sequences[frame.Direct.Id] = ++_mails;
                    server.Send(new AckFrame { Id = frame.Direct.Id, Sequence = _mails });
                    break;
                case FrameType.Bye when !server.IsCut:
                    server.Cut();
                    break;
            }
        }
    }

    private void Join(ScriptedServer server, ulong epoch, ulong after)
    {
        if (!_isMember)
        {
            _isMember = true;
            _log.Add((EntryKind.Joined, "", 0));
        }

        ulong first = epoch == 0 ? 1 : after + 1;
        server.SendJoined("lobby", 1, first, Newest, 1, outcome: epoch == 0 ? JoinOutcome.Fresh : JoinOutcome.Recovered);
        server.SendRoster(1, Newest, "ada");
        for (ulong sequence = first; sequence <= Newest; sequence++)
        {
            Send(server, sequence);
        }
    }

    private void Send(ScriptedServer server, ulong sequence)
    {
        (EntryKind kind, string text, ulong id) = _log[(int)sequence - 1];
        server.SendEntry(kind, sequence, "ada", kind == EntryKind.Message ? ScriptedServer.Utf8(text) : ScriptedServer.Members(1), id);
    }

    /// <summary>Says whether an id is the next one; a repeat is answered as it was the first time.</summary>
    private bool IsNew(ScriptedServer server, ulong id)
    {
        if (id == _lastId + 1)
        {
            _lastId = id;
            return true;
        }

        if (!_sequences.TryGetValue(id, out ulong sequence))
        {
            throw new InvalidOperationException($"The client sent id {id} where {_lastId + 1} was due.");
        }

        server.Send(new AckFrame { Id = id, Sequence = sequence });
        return false;
    }
}
