using System.Net;
using System.Net.Sockets;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>Scripted clients on real sockets whose connections are cut at random and who come back to whatever loop accepts them: every id has one outcome, nobody misses an entry, and
/// nothing is left in the end.</summary>
public sealed class ResumeStressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(ServerTransport.Epoll, false, 1)]
    [InlineData(ServerTransport.Epoll, true, 2)]
    [InlineData(ServerTransport.Sockets, false, 3)]
    [InlineData(ServerTransport.Sockets, true, 4)]
    public async Task Random_cuts_lose_nothing_and_leave_nothing(ServerTransport transport, bool tls, int seed)
    {
        TestTransport.Of(transport);
        seed = TestLength.Seed(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        ServerHost host = await ServerHost.ListenAsync(new ChatServerOptions
        {
            Announce = false,
            BindAddress = IPAddress.Loopback,
            Port = 0,
            Loops = 3,
            Transport = transport,
            Identity = TestIdentity.Shared,
            PublishRate = 0,
            ControlRate = 10_000,
            ResumeWindow = TimeSpan.FromHours(1),

            // The witness says nothing until the others are done.
            HeartbeatInterval = TimeSpan.FromHours(1),
        });
        Client[] clients = [.. Enumerable.Range(0, 6).Select(i => new Client(host.EndPoint, tls, $"member-{i}", seed + i))];
        (WireClient witness, _) = await WireClient.JoinAsync(host.EndPoint, "witness", tls: tls);
        using (witness)
        {
            await Task.WhenAll(clients.Select(client => Task.Run(() => client.RunAsync(TestLength.IsLong ? 300 : 25)))).WaitAsync(Patience * (TestLength.IsLong ? 5 : 1), TestContext.Current.CancellationToken);
            await AssertOnceEachAsync(witness, clients);
            await EndAsync(witness);
        }

        Until(() => host.Context.ConnectionCount == 0);
        Assert.Equal((0, 0), (host.Context.Sessions.Count, host.Context.Detached.Count));
        Assert.All(host.Loops, loop => Assert.Equal(0, loop.Loop.ConnectionCount));
        await host.StopAsync(TimeSpan.FromSeconds(1)).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Context.Pool.RentedBytes);
    }

    private static async Task AssertOnceEachAsync(WireClient witness, Client[] clients)
    {
        var last = clients.ToDictionary(client => client.Name, _ => 0UL);
        int left = clients.Length;
        while (left > 0)
        {
            WireFrame frame = await witness.UntilAsync(frame => frame.Type == FrameType.Entry);
            string name = Encoding.UTF8.GetString(frame.Entry.Name);
            if (frame.Entry.Kind == EntryKind.Message)
            {
                // Each id once, in order.
                Assert.Equal(last[name] + 1, frame.Entry.Id);
                last[name] = frame.Entry.Id;
            }
            else if (frame.Entry.Kind == EntryKind.Left)
            {
                left--;
            }
        }

        Assert.Equal(clients.Select(client => client.LastId), clients.Select(client => last[client.Name]));
    }

    // To the end: closed with bytes unread, the socket would reset the connection, and the goodbye be lost with it at times.
    private static async Task EndAsync(WireClient wire)
    {
        await wire.SendAsync(WireFrame.Goodbye());
        while (await wire.ReadAsync() is not null)
        {
        }

        wire.Dispose();
    }

    private static void Until(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience), "It did not come to that in time.");

    /// <summary>One member, as the protocol's text wants it.</summary>
    private sealed class Client(IPEndPoint server, bool tls, string name, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly HashSet<ulong> _open = [];
        private ulong _session;
        private byte[] _token = new byte[FrameLimits.TokenBytes];
        private uint _attempt;
        private ulong _epoch;
        private ulong _after;

        internal string Name => name;

        internal ulong LastId { get; private set; }

        internal async Task RunAsync(int connections)
        {
            WireClient? before = null;
            for (int i = 0; i <= connections; i++)
            {
                WireClient wire = await ComeAsync();

                // Taken over: it must be over by then, or end by itself.
                before?.Dispose();
                before = null;
                if (i == connections)
                {
                    await ReadAsync(wire, () => _open.Count == 0);
                    await EndAsync(wire);
                    return;
                }

                int frames = _random.Next(40);
                await ReadAsync(wire, () => frames-- <= 0 || _open.Count == 0);
                switch (_random.Next(3))
                {
                    case 0:
                        wire.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                        wire.Dispose();
                        break;
                    case 1:
                        wire.Dispose();
                        break;
                    default:
                        before = wire;
                        break;
                }
            }
        }

        // In one segment, or cut somewhere: HELLO, JOIN, what is open, and something new. Only with PONG the session is sure to be kept.
        private async Task<WireClient> ComeAsync()
        {
            WireClient wire = await WireClient.ConnectAsync(server, tls);
            var bytes = new List<byte>(WireFrame.Bytes(new HelloFrame { Version = 1, Session = _session, Token = _token, Attempt = ++_attempt, Name = Encoding.UTF8.GetBytes(name) }));
            bytes.AddRange(WireFrame.Join("lobby", 0, _epoch, _after));
            bytes.AddRange(WireFrame.Bytes(new PingFrame { Opaque = 1 }));
            int more = _random.Next(5);
            for (int i = 0; i < more; i++)
            {
                _open.Add(++LastId);
            }

            foreach (ulong id in _open.Order())
            {
                bytes.AddRange(WireFrame.Publish(1, id, $"{name} says {id}"));
            }

            int cut = _random.Next(bytes.Count);
            await wire.SendAsync([.. bytes[..cut]]);
            await wire.SendAsync([.. bytes[cut..]]);
            WelcomeFrame welcome = (await wire.ExpectAsync(FrameType.Welcome)).Welcome;
            Assert.True(_session == 0 || welcome.Flags == WelcomeFrame.ResumedFlag, $"{name}, attempt {_attempt}: the session was lost.");
            _session = welcome.Session;
            _token = welcome.Token.ToArray();
            bool isAnswered = false;
            await ReadAsync(wire, () => isAnswered, frame => isAnswered |= frame.Type == FrameType.Pong);
            return wire;
        }

        private async Task ReadAsync(WireClient wire, Func<bool> isEnough, Action<WireFrame>? seen = null)
        {
            while (!isEnough())
            {
                WireFrame frame = await wire.ReadAsync() ?? throw new EndOfStreamException($"{name}: the server ended a connection that nobody cut.");
                Take(frame);
                seen?.Invoke(frame);
            }
        }

        private void Take(WireFrame frame)
        {
            switch (frame.Type)
            {
                case FrameType.Joined:
                    JoinedFrame joined = frame.Joined;
                    Assert.Equal(_epoch == 0 ? JoinOutcome.Fresh : JoinOutcome.Recovered, joined.Outcome);
                    _after = joined.First - 1;
                    _epoch = joined.Epoch;
                    break;
                case FrameType.Ack:
                    Assert.NotEqual(0UL, frame.Ack.Sequence);
                    _open.Remove(frame.Ack.Id);
                    break;
                case FrameType.Entry:
                    // No hole, and nothing twice.
                    Assert.Equal(++_after, frame.Entry.Sequence);
                    if (frame.Entry.Kind == EntryKind.Message && Encoding.UTF8.GetString(frame.Entry.Name) == name)
                    {
                        _open.Remove(frame.Entry.Id);
                    }

                    break;
                case FrameType.Roster or FrameType.Pong:
                    break;
                default:
                    Assert.Fail($"{name}: {frame} was not expected.");
                    break;
            }
        }
    }
}
