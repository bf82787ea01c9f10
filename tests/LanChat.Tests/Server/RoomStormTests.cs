using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Seeded storms of joins, leaves, messages, bad links and odd pieces, in memory: the laws of rooms hold in each.</summary>
public abstract class RoomStormTests(bool tls)
{
    private const int Callers = 12;
    private static readonly string[] Rooms = ["lobby", "games", "den"];

    [Fact]
    public void Rosters_entries_and_outcomes_agree_in_every_storm()
    {
        int runs = TestLength.IsLong ? 2_000 : tls ? 40 : 150;
        for (int seed = 1; seed <= runs; seed++)
        {
            try
            {
                new Storm(TestLength.Seed(seed), tls).Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Storm with seed {TestLength.Seed(seed)} failed: {e.Message}", e);
            }
        }
    }

    private sealed class Storm(int seed, bool tls)
    {
        private readonly Random _random = new(seed);
        private readonly MemoryServer _server = new(new ChatServerOptions
        {
            Loops = 2,
            MaxHistoryEntries = 40,
            MaxMembers = Callers + 1,
            HeartbeatInterval = TimeSpan.FromHours(1),
            ResumeWindow = TimeSpan.Zero,
            PresenceLimit = seed % 3 == 0 ? 6 : 256,
        }, tls);

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
            if (tls)
            {
                client.StartTls();
            }

            _server.Host.Accept(link);
            var caller = new MemoryCaller(_server, client);
            caller.Secure();
            return new ModelClient(caller, $"member-{++_names}", _seen);
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
}

/// <inheritdoc/>
public sealed class RoomStormOverPlainTests() : RoomStormTests(tls: false);

/// <inheritdoc/>
public sealed class RoomStormOverTlsTests() : RoomStormTests(tls: true);
