using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>A client as the protocol's text describes it, which checks what it is told as it goes.</summary>
internal sealed class ModelClient
{
    private readonly MemoryCaller _caller;
    private readonly Dictionary<(ulong, long), byte[]> _seen;
    private readonly string _name;
    private readonly Dictionary<uint, Visit> _rooms = [];
    private readonly Dictionary<ulong, string> _open = [];
    private readonly Dictionary<ulong, string> _outcomes = [];
    private ulong _lastId;
    private bool _isWelcome;

    internal ModelClient(MemoryCaller caller, string name, Dictionary<(ulong, long), byte[]> seen)
    {
        _caller = caller;
        _name = name;
        _seen = seen;
        caller.Client.Write(WireFrame.Hello(name));
    }

    internal void Join(string room, int replay) => _caller.Client.Write(WireFrame.Join(room, replay));

    internal void Leave(Random random)
    {
        if (_rooms.Count > 0)
        {
            uint room = _rooms.Keys.ElementAt(random.Next(_rooms.Count));
            _caller.Client.Write(WireFrame.Bytes(new LeaveFrame { Room = room }));
        }
    }

    internal void Publish(Random random)
    {
        // Sometimes into a room that it is not in, sometimes not UTF-8.
        uint room = (uint)random.Next(1, 5);
        ulong id = ++_lastId;
        byte[] body = random.Next(8) == 0 ? [0xFF] : Encoding.UTF8.GetBytes(new string('x', random.Next(300)));
        _open.Add(id, "");
        _caller.Client.Write(WireFrame.Bytes(new PublishFrame { Room = room, Id = id, Body = body }));
    }

    internal void Vanish(Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                _caller.Client.Write(WireFrame.Goodbye());
                break;
            case 1:
                _caller.Client.End();
                break;
            default:
                _caller.Client.Reset();
                break;
        }
    }

    /// <summary>False when nothing came, and not a part of anything.</summary>
    internal bool Read()
    {
        long before = _caller.Client.FromServer.Written;
        List<WireFrame> frames = _caller.Frames();
        frames.ForEach(Take);
        return frames.Count > 0 || _caller.Client.FromServer.Written > before;
    }

    internal void AssertAgrees(MemoryServer server, Dictionary<(ulong, long), byte[]> seen)
    {
        Assert.True(_isWelcome);
        Assert.Equal(0, _caller.UnreadBytes);
        Assert.Empty(_open);
        Assert.Equal(_lastId, (ulong)_outcomes.Count);
        foreach ((uint number, Visit visit) in _rooms)
        {
            LanChat.Rooms.Room room = server.Context.Rooms.All.Single(room => room.Number == number);
            byte[][] members = room.Who(out long last);
            Assert.Contains(_name, members.Select(Encoding.UTF8.GetString));
            Assert.Equal(last, visit.Next - 1);
            if (!visit.IsCounted)
            {
                Assert.Equal(members.Select(Encoding.UTF8.GetString).Order(), visit.Members.Order());
            }

            Assert.Equal(members.Length, visit.Count);
        }

        Assert.NotEmpty(seen);
    }

    private void Take(WireFrame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Welcome:
                _isWelcome = true;
                break;
            case FrameType.Joined:
                JoinedFrame joined = frame.Joined;
                _rooms.Add(joined.Room, new Visit
                {
                    Epoch = joined.Epoch,
                    Next = (long)joined.First,
                    Newest = (long)joined.Newest,
                    Count = (int)joined.Members,
                    IsCounted = (joined.Flags & JoinedFrame.CountedFlag) != 0,
                });
                break;
            case FrameType.Roster:
                Visit listed = _rooms[frame.Roster.Room];
                Assert.Equal(listed.Newest, (long)frame.Roster.Sequence);
                listed.Members.AddRange(frame.RosterNames());
                Assert.Equal(listed.Count, listed.Members.Count);
                break;
            case FrameType.Parted:
                if (frame.Parted.Code == (ushort)DisconnectReason.Goodbye)
                {
                    Visit left = _rooms[frame.Parted.Room];
                    Assert.True(left.IsCounted || left.SawOwnLeft);
                    _rooms.Remove(frame.Parted.Room);
                }

                break;
            case FrameType.Rejected:
                Outcome(frame.Rejected.Id, $"rejected {frame.Rejected.Code}");
                break;
            case FrameType.Entry:
                TakeEntry(frame);
                break;
            default:
                Assert.Fail($"{frame} was not expected.");
                break;
        }
    }

    private void TakeEntry(WireFrame frame)
    {
        EntryFrame entry = frame.Entry;
        Visit visit = _rooms[entry.Room];
        Assert.Equal(visit.Next++, (long)entry.Sequence);
        if (!_seen.TryAdd((visit.Epoch, (long)entry.Sequence), frame.Body))
        {
            Assert.Equal(_seen[(visit.Epoch, (long)entry.Sequence)], frame.Body);
        }

        string name = Encoding.UTF8.GetString(entry.Name);
        bool isReplay = (long)entry.Sequence <= visit.Newest;
        switch (entry.Kind)
        {
            case EntryKind.Message when name == _name && !isReplay:
                Outcome(entry.Id, $"accepted {entry.Sequence}");
                break;
            case EntryKind.Joined when !isReplay:
                visit.Members.Add(name);
                AssertCount(visit, entry.Body);
                break;
            case EntryKind.Left when !isReplay:
                Assert.True(visit.Members.Remove(name));
                visit.SawOwnLeft |= name == _name;
                AssertCount(visit, entry.Body);
                break;
            case EntryKind.Members when !isReplay:
                visit.IsCounted = true;
                Assert.True(PresenceBody.TryReadMembers(entry.Body, out uint members));
                visit.Count = (int)members;
                break;
            default:
                break;
        }
    }

    private static void AssertCount(Visit visit, ReadOnlySpan<byte> body)
    {
        Assert.True(PresenceBody.TryReadMembers(body, out uint members));
        Assert.Equal((int)members, visit.Members.Count);
        visit.Count = (int)members;
    }

    private void Outcome(ulong id, string outcome)
    {
        Assert.True(_open.Remove(id), $"A second outcome for id {id}: {outcome}");
        _outcomes.Add(id, outcome);
    }
}

/// <summary>A room as a <see cref="ModelClient"/> knows it.</summary>
internal sealed class Visit
{
    internal ulong Epoch { get; init; }

    internal long Next { get; set; }

    internal long Newest { get; init; }

    internal int Count { get; set; }

    internal bool IsCounted { get; set; }

    internal bool SawOwnLeft { get; set; }

    internal List<string> Members { get; } = [];
}
