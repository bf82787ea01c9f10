using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Many real sockets at once.</summary>
public abstract class CrowdTests(bool tls)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_hundred_all_to_all_see_everything_in_one_order()
    {
        const int People = 200;
        int each = TestLength.IsLong ? 100 : 20;
        await using ChatServer server = await StartAsync(new ChatServerOptions());
        using var deadline = new CancellationTokenSource(Patience * (TestLength.IsLong ? 5 : 1));
        var people = new List<Talker>();
        for (int i = 0; i < People; i++)
        {
            people.Add(await Talker.JoinAsync(server.EndPoint, $"member-{i}", tls, deadline.Token));
        }

        // A join is carried out when it is; who joins after the first word misses it.
        Until(() => server.GetMembers("lobby").Count == People);
        byte[][] orders = await Task.WhenAll(people.Select(async person =>
        {
            // Reading never waits for writing: a window of ids may be open.
            Task talking = person.TalkAsync(each, deadline.Token);
            byte[] order = await person.HearAsync(People * each, each, deadline.Token);
            await talking;
            return order;
        }));
        Assert.All(orders, order => Assert.Equal(orders[0], order));
        people.ForEach(person => person.Dispose());
    }

    [Fact]
    [HostileInput(30)]
    public async Task One_that_stops_reading_is_ended_and_the_others_go_on()
    {
        await using ChatServer server = await StartAsync(new ChatServerOptions { PublishRate = 0, MaxLagBytes = 256 << 10 });
        (WireClient frozen, _) = await WireClient.JoinAsync(server.EndPoint, "frozen", tls: tls);
        (WireClient ada, uint lobby) = await WireClient.JoinAsync(server.EndPoint, "ada", tls: tls);
        (WireClient cy, _) = await WireClient.JoinAsync(server.EndPoint, "cy", tls: tls);
        using (frozen)
        using (ada)
        using (cy)
        {
            const int Batch = 16;
            string text = new('x', 4000);
            ulong id = 0;
            WireFrame? left = null;
            var heard = new Dictionary<WireClient, ulong> { [ada] = 0, [cy] = 0 };
            while (left is null)
            {
                // The kernel's buffers fill first, however large they are here.
                Assert.True(id < 50_000, "The frozen one was not ended.");
                var bytes = new ArrayBufferWriter<byte>();
                for (int i = 0; i < Batch; i++)
                {
                    bytes.Write(WireFrame.Publish(lobby, ++id, text));
                }

                await ada.SendAsync(bytes.WrittenSpan.ToArray());
                foreach (WireClient reader in new[] { ada, cy })
                {
                    await reader.UntilAsync(frame =>
                    {
                        // Nothing else comes, and nothing is missing.
                        ulong sequence = frame.Entry.Sequence;
                        Assert.True(heard[reader] == 0 || sequence == heard[reader] + 1, $"{sequence} after {heard[reader]}.");
                        heard[reader] = sequence;
                        left = frame.Entry.Kind == EntryKind.Left ? frame : left;
                        return frame.Entry.Id == id;
                    });
                }
            }

            Assert.Equal(("frozen", 2u, DisconnectReason.TooSlow), left.LeftParts());
            Assert.Equal(["ada", "cy"], server.GetMembers("lobby"));
        }
    }

    [Fact]
    public async Task A_storm_of_connections_leaves_nothing()
    {
        ServerHost host = await ServerHost.ListenAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, HistoryAge = TimeSpan.FromSeconds(1), ResumeWindow = TimeSpan.FromSeconds(1), MaxMembers = 10_000 });
        int storm = TestLength.IsLong ? 5_000 : 300;
        await Parallel.ForAsync(0, storm, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            using WireClient caller = await WireClient.ConnectAsync(host.EndPoint, tls && i % 6 != 2);
            byte[] greeting = [.. WireFrame.Hello($"n{i}"), .. WireFrame.Join(i % 2 == 0 ? "lobby" : $"room{i % 50}", 100), .. WireFrame.Publish(1, 1, "hello")];
            switch (i % 6)
            {
                case 0:
                    break;
                case 1:
                    await caller.SendAsync(greeting[..(i % greeting.Length)]);
                    break;
                case 2:
                    await caller.SendAsync("hello\n/join den\nhello den\n");
                    break;
                case 3:
                    await caller.SendAsync([.. greeting, .. WireFrame.Goodbye()]);
                    await caller.ReadToEndAsync();
                    break;
                case 4:
                    await caller.SendAsync(greeting);
                    caller.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                    break;
                default:
                    await caller.SendAsync(greeting);
                    await caller.ExpectAsync(FrameType.Welcome);
                    break;
            }
        });

        Until(() => host.Context.ConnectionCount == 0);

        // Those who said something are waited for.
        Until(() => host.Context.Sessions.Count == 0);
        Until(() => host.Context.Rooms.All.All(room => room.MemberCount == 0));
        Until(() => host.Loops.All(loop => loop.Loop.ConnectionCount == 0));

        // Only history is left, and that for a second and a tick.
        Until(() => host.Context.Pool.RentedBytes == 0);
        await host.StopAsync(TimeSpan.FromSeconds(1)).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static Task<ChatServer> StartAsync(ChatServerOptions options) =>
        ChatServer.StartAsync(options with
        {
            Announce = false,
            BindAddress = IPAddress.Loopback,
            Port = 0,
            Loops = 2,
            StopTimeout = TimeSpan.Zero,

            // Who only listens is not to be asked for a sign of life.
            HeartbeatInterval = TimeSpan.FromHours(1),
        });

    private static void Until(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience), "It did not come to that in time.");

    /// <summary>A member that says its lines and takes down everything that is said.</summary>
    private sealed class Talker(WireClient client, string name) : IDisposable
    {
        internal static async Task<Talker> JoinAsync(IPEndPoint server, string name, bool tls, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            WireClient client = await WireClient.ConnectAsync(server, tls);
            await client.SendAsync([.. WireFrame.Hello(name), .. WireFrame.Join("lobby")]);
            return new Talker(client, name);
        }

        internal async Task TalkAsync(int times, CancellationToken cancel)
        {
            for (int id = 1; id <= times; id++)
            {
                await client.Stream.WriteAsync(WireFrame.Publish(1, (ulong)id, $"{name} says {id}"), cancel);
            }
        }

        /// <summary>Reads until everything was said, and returns the hash of all messages in their order. Own ones come in the order of their ids.</summary>
        internal async Task<byte[]> HearAsync(int messages, int own, CancellationToken cancel)
        {
            using var order = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[256 << 10];
            int held = 0;
            int heard = 0;
            ulong confirmed = 0;
            while (heard < messages)
            {
                int read = await client.Stream.ReadAsync(buffer.AsMemory(held), cancel);
                Assert.NotEqual(0, read);
                held += read;
                int used = Take(buffer.AsSpan(0, held), order, ref heard, ref confirmed);
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
            }

            Assert.Equal(messages, heard);
            Assert.Equal((ulong)own, confirmed);
            return order.GetHashAndReset();
        }

        public void Dispose() => client.Dispose();

        private int Take(ReadOnlySpan<byte> bytes, IncrementalHash order, ref int heard, ref ulong confirmed)
        {
            int used = 0;
            while (bytes.Length - used >= 5)
            {
                int length = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes[used..]);
                if (bytes.Length - used < 4 + length)
                {
                    break;
                }

                ReadOnlySpan<byte> frame = bytes.Slice(used, 4 + length);
                used += frame.Length;
                if ((FrameType)frame[4] != FrameType.Entry || !EntryFrame.TryDecode(frame[5..], out EntryFrame entry) || entry.Kind != EntryKind.Message)
                {
                    Assert.NotEqual(FrameType.Bye, (FrameType)frame[4]);
                    continue;
                }

                heard++;
                order.AppendData(frame);
                if (entry.Name.SequenceEqual(Encoding.UTF8.GetBytes(name)))
                {
                    Assert.Equal(++confirmed, entry.Id);
                }
            }

            return used;
        }
    }
}

/// <inheritdoc/>
[Collection("whole process")]
public sealed class CrowdOverPlainTests() : CrowdTests(tls: false);

/// <inheritdoc/>
[Collection("whole process")]
public sealed class CrowdOverTlsTests() : CrowdTests(tls: true);
