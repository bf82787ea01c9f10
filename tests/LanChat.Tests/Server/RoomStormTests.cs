using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Seeded storms of joins, leaves, messages, bad links and odd pieces, in memory: the laws of rooms hold in each.</summary>
public sealed class RoomStormTests
{
    private const int Callers = 12;
    private static readonly string[] Rooms = ["lobby", "games", "den"];

    [Fact]
    public void Rosters_entries_and_outcomes_agree_in_every_storm()
    {
        int runs = TestLength.IsLong ? 2_000 : 150;
        for (int seed = 1; seed <= runs; seed++)
        {
            try
            {
                new Storm(TestLength.Seed(seed)).Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Storm with seed {TestLength.Seed(seed)} failed: {e.Message}", e);
            }
        }
    }

    private sealed class Storm(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly MemoryServer _server = new(new ChatServerOptions
        {
            Loops = 2,
            MaxHistoryEntries = 40,
            MaxMembers = Callers + 1,
            HeartbeatInterval = TimeSpan.FromHours(1),
            PresenceLimit = seed % 3 == 0 ? 6 : 256,
        });

        // What any member saw under a room's epoch and sequence: everybody must see the same bytes.
        private readonly Dictionary<(ulong, long), byte[]> _seen = [];
        private readonly List<ModelClient> _clients = [];
        private int _names;

        internal void Run()
        {
            for (int step = 0; step < 250; step++)
            {
                Step();
            }

            Settle();
            foreach (ModelClient client in _clients)
            {
                client.AssertAgrees(_server, _seen);
            }
        }

        private void Step()
        {
            if (_clients.Count < Callers && _random.Next(4) == 0)
            {
                _clients.Add(Connect());
                return;
            }

            if (_clients.Count == 0)
            {
                return;
            }

            ModelClient client = _clients[_random.Next(_clients.Count)];
            switch (_random.Next(12))
            {
                case 0 or 1:
                    client.Join(Rooms[_random.Next(Rooms.Length)], _random.Next(3) * 20);
                    break;
                case 2:
                    client.Leave(_random);
                    break;
                case 3:
                    _clients.Remove(client);
                    client.Vanish(_random);
                    break;
                case 4:
                    client.Read();
                    break;
                case 5:
                    _server.Advance(TimeSpan.FromMilliseconds(_random.Next(2_000)));
                    break;
                default:
                    client.Publish(_random);
                    break;
            }

            if (_random.Next(3) > 0)
            {
                _server.Run();
            }
            else if (_random.Next(2) == 0)
            {
                _server.Host.Loops[_random.Next(2)].Loop.RunOnce(block: false);
            }
        }

        private ModelClient Connect()
        {
            (MemoryLink link, MemoryClient client) = _server.Network.Connect(deferBytes: _random.Next(3) * 37);
            client.ToServer.NextPiece = _random.Next(2) == 0 ? Pieces.Random(seed, 50) : null;
            client.FromServer.NextPiece = _random.Next(2) == 0 ? Pieces.Random(seed + 1, 300) : null;
            client.FromServer.Capacity = _random.Next(2) == 0 ? int.MaxValue : 200 + _random.Next(500);
            _server.Host.Accept(link);
            return new ModelClient(new MemoryCaller(_server, client), $"member-{++_names}", _seen);
        }

        private void Settle()
        {
            bool came = true;
            while (came)
            {
                _server.Advance(TimeSpan.FromSeconds(1.5));
                came = false;
                foreach (ModelClient client in _clients)
                {
                    came |= client.Read();
                }
            }
        }
    }

    /// <summary>A client as the protocol's text describes it, which checks what it is told as it goes.</summary>
    private sealed class ModelClient
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

        internal bool Read()
        {
            List<WireFrame> frames = _caller.Frames();
            frames.ForEach(Take);
            return frames.Count > 0;
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

    private sealed class Visit
    {
        internal ulong Epoch { get; init; }

        internal long Next { get; set; }

        internal long Newest { get; init; }

        internal int Count { get; set; }

        internal bool IsCounted { get; set; }

        internal bool SawOwnLeft { get; set; }

        internal List<string> Members { get; } = [];
    }
}
