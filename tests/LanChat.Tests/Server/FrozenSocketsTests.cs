using System.Buffers.Binary;
using System.Net;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The same as <see cref="FrozenCrowdTests"/> over real sockets, with either transport: the kernel's buffers fill first, and the server notices by itself.</summary>
public sealed class FrozenSocketsTests
{
    private const int Members = 100;
    private const int Limit = 256 << 10;

    // Large, since megabytes are with the kernel before a connection is blocked.
    private const int TextBytes = 16_000;

    /// <summary>How many messages are under way at once.</summary>
    private const int Window = 8;

    /// <summary>More than the kernel ever takes.</summary>
    private const int MaxMessages = 50_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(1, SlowConsumerPolicy.End, ServerTransport.Epoll)]
    [InlineData(50, SlowConsumerPolicy.Skip, ServerTransport.Epoll)]
    [InlineData(50, SlowConsumerPolicy.End, ServerTransport.Sockets)]
    [InlineData(1, SlowConsumerPolicy.Skip, ServerTransport.Sockets)]
    [HostileInput(30)]
    public async Task Who_never_reads_costs_no_more_than_the_limit_and_the_others_miss_nothing(int frozen, SlowConsumerPolicy policy, ServerTransport transport)
    {
        TestTransport.Of(transport);
        using var deadline = new CancellationTokenSource(Patience);
        var log = new RecordingLoggerFactory();
        ServerHost host = await ServerHost.ListenAsync(new ChatServerOptions
        {
            Announce = false,
            BindAddress = IPAddress.Loopback,
            Port = 0,
            Identity = TestIdentity.Shared,
            Transport = transport,
            PublishRate = 0,
            MaxTextBytes = TextBytes,
            MaxLagBytes = Limit,
            MaxHistoryBytes = 0,
            SlowPolicy = policy,
            LoggerFactory = log,

            // Who only listens is not to be asked for a sign of life.
            HeartbeatInterval = TimeSpan.FromHours(1),
        });
        var clients = new List<WireClient>();
        try
        {
            for (int i = 0; i < Members; i++)
            {
                clients.Add((await WireClient.JoinAsync(host.EndPoint, $"member-{i}")).Client);
                if (i < frozen)
                {
                    // So that less has to be said before its connection is blocked.
                    clients[i].Socket.ReceiveBufferSize = 16 << 10;
                }
            }

            WireClient speaker = clients[^1];
            var window = new SemaphoreSlim(Window);
            int[] heardBy = new int[MaxMessages];
            Task<Heard>[] readers = [.. clients[frozen..].Select(one => HearAsync(one, OnHeard, deadline.Token))];

            // Not by the speaker alone: nobody who reads is to lag because this machine has other things to do.
            void OnHeard(int message)
            {
                if (Interlocked.Increment(ref heardBy[message]) == Members - frozen)
                {
                    window.Release();
                }
            }

            // Until each of the frozen has been found too slow; then the word at which everybody stops.
            byte[] text = new byte[TextBytes];
            text.AsSpan().Fill((byte)'x');
            ulong id = 0;
            long most = 0;
            while (log.Logger.Lines.Count(line => line.Text.Contains("is too slow", StringComparison.Ordinal)) < frozen)
            {
                await window.WaitAsync(deadline.Token);
                await speaker.SendAsync(WireFrame.Bytes(new PublishFrame { Room = 1, Id = ++id, Body = text }));
                most = Math.Max(most, host.Context.Pool.RentedBytes);
            }

            await speaker.SendAsync(WireFrame.Publish(1, ++id, "stop"));
            Heard[] heard = await Task.WhenAll(readers);

            // The window, because it may all be said between two looks of the server.
            Assert.InRange(most, 0, Limit + (Window * (TextBytes + 64)) + (2 * SegmentPool.DefaultMaxSegmentBytes));
            Assert.All(heard, one => Assert.Equal((heard[0].Order, (int)id), (one.Order, one.Messages)));
            int expected = policy == SlowConsumerPolicy.End ? Members - frozen : Members;
            Assert.Equal(expected, host.Context.Sessions.Count);
            Assert.Equal(frozen, log.Logger.Lines.Count(line => line.Text.EndsWith($"policy {policy}", StringComparison.Ordinal)));
        }
        finally
        {
            clients.ForEach(one => one.Dispose());
            await host.StopAsync(TimeSpan.Zero).WaitAsync(Patience, CancellationToken.None);
        }
    }

    // Reads whole frames to the last message. Whoever has come by then or gone is no matter; each sequence must follow on the one before.
    private static async Task<Heard> HearAsync(WireClient client, Action<int> heard, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[256 << 10];
        byte[] unread = client.TakeUnread();
        unread.CopyTo(buffer, 0);
        int count = unread.Length;
        ulong last = 0;
        ulong order = 14695981039346656037;
        for (int messages = 0; ;)
        {
            int at = 0;
            while (count - at >= 4 && BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at)) is var length && count - at >= 4 + length)
            {
                ReadOnlySpan<byte> frame = buffer.AsSpan(at, 4 + length);
                at += frame.Length;
                Assert.Equal(FrameType.Entry, (FrameType)frame[4]);
                Assert.True(EntryFrame.TryDecodeWhole(frame, out EntryFrame entry));
                Assert.True(last == 0 || entry.Sequence == last + 1, $"Entry {entry.Sequence} after {last}.");
                last = entry.Sequence;
                if (entry.Kind == EntryKind.Message)
                {
                    messages++;
                    order = ((order ^ entry.Sequence) * 1099511628211) ^ (entry.Id * 31);
                    heard((int)entry.Id);
                    if (entry.Body.SequenceEqual("stop"u8))
                    {
                        return new Heard(order, messages);
                    }
                }
            }

            buffer.AsSpan(at, count - at).CopyTo(buffer);
            count -= at;
            int read = await client.Stream.ReadAsync(buffer.AsMemory(count), cancellationToken);
            Assert.NotEqual(0, read);
            count += read;
        }
    }

    private sealed record Heard(ulong Order, int Messages);
}
