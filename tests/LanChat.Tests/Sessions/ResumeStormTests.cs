using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>Seeded storms in memory: members publish, are cut anywhere, are taken over and come back, while three loops are stepped in a random order, so that whatever can meet on the way
/// from one loop to another does. The laws of sessions hold in each.</summary>
public sealed class ResumeStormTests
{
    [Fact]
    public void Sessions_keep_their_laws_in_every_storm()
    {
        int runs = TestLength.IsLong ? 5_000 : 200;
        for (int run = 1; run <= runs; run++)
        {
            int seed = TestLength.Seed(run);
            try
            {
                new Storm(seed).Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"The storm with seed {seed} failed: {e.Message}", e);
            }
        }
    }

    private sealed class Storm
    {
        private readonly Random _random;
        private readonly MemoryServer _server;
        private readonly StormMember[] _members;

        // What any member saw under a sequence: everybody must see the same bytes.
        private readonly Dictionary<ulong, WireFrame> _log = [];

        internal Storm(int seed)
        {
            _random = new Random(seed);

            // In every second storm sessions also come to their end while their clients are away.
            TimeSpan window = seed % 2 == 0 ? TimeSpan.FromSeconds(2) : TimeSpan.FromHours(1);
            _server = new MemoryServer(Resuming.Options with { Loops = 3, ResumeWindow = window, ControlRate = 10_000 });
            _members = [.. Enumerable.Range(0, 4).Select(i => new StormMember(_server, $"member-{i}", _log, _random, mayExpire: seed % 2 == 0))];
        }

        internal void Run()
        {
            for (int step = 0; step < 1_500; step++)
            {
                StormMember member = _members[_random.Next(_members.Length)];
                switch (_random.Next(100))
                {
                    case < 45:
                        _server.Host.Loops[_random.Next(3)].Loop.RunOnce(block: false);
                        break;
                    case < 65:
                        member.Write();
                        break;
                    case < 80:
                        member.Read();
                        break;
                    case < 88:
                        member.Publish();
                        break;
                    case < 91:
                        member.Cut();
                        break;
                    case < 93:
                        member.Connect();
                        break;
                    default:
                        _server.Time.Advance(TimeSpan.FromMilliseconds(_random.Next(100)));
                        break;
                }

                if (!member.IsConnected)
                {
                    member.Connect();
                }
            }

            Settle();
            AssertLaws();
            Array.ForEach(_members, member => member.SayGoodbye());
            _server.Run();
            _server.Advance(6);
            Assert.Equal((0, 0, 0), (_server.Context.Sessions.Count, _server.Context.Detached.Count, _server.Context.ConnectionCount));
            Assert.Empty(_server.Members());
            _server.StopAsync().GetAwaiter().GetResult();
            Assert.Equal(0, _server.Context.Pool.RentedBytes);
        }

        // Everybody comes back, if need be more than once: somebody else may have taken a name that was free for a moment.
        private void Settle()
        {
            Array.ForEach(_members, member => member.CutAbandoned());
            for (int i = 0; i < 20 && !Array.TrueForAll(_members, member => member.IsSettled); i++)
            {
                foreach (StormMember member in _members)
                {
                    if (!member.IsConnected)
                    {
                        member.Connect();
                    }

                    member.WriteAll();
                    _server.Run();
                    member.Read();
                    _server.Run();
                    member.Read();
                }
            }

            Assert.All(_members, member => Assert.True(member.IsSettled, $"{member.Name} is not settled."));
            Array.ForEach(_members, member => member.Read());
        }

        private void AssertLaws()
        {
            string[] there = [.. _server.Members().Order()];
            Assert.Equal(_members.Select(member => member.Name).Order(), there);
            Assert.All(_members, member => Assert.Equal(there, member.Roster.Order()));
            var contact = new Dictionary<string, EntryKind>();
            for (ulong sequence = 1; sequence <= (ulong)_log.Count; sequence++)
            {
                EntryFrame entry = _log[sequence].Entry;
                string name = Encoding.UTF8.GetString(entry.Name);
                EntryKind before = contact.GetValueOrDefault(name, EntryKind.Left);
                switch (entry.Kind)
                {
                    case EntryKind.Joined:
                        Assert.Equal(EntryKind.Left, before);
                        contact[name] = EntryKind.Joined;
                        break;
                    case EntryKind.LostContact:
                        Assert.True(before is EntryKind.Joined or EntryKind.Back, $"{name} was lost after {before}, at {sequence}.");
                        contact[name] = entry.Kind;
                        break;
                    case EntryKind.Back:
                        Assert.Equal(EntryKind.LostContact, before);
                        contact[name] = entry.Kind;
                        break;
                    case EntryKind.Left:
                        Assert.NotEqual(EntryKind.Left, before);
                        contact[name] = EntryKind.Left;
                        break;
                    default:
                        Assert.True(before is EntryKind.Joined or EntryKind.Back, $"{name} said something while {before}, at {sequence}.");
                        break;
                }
            }
        }
    }
}
