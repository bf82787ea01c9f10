using System.Net;
using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>A message by UDP costs no memory, as one by TCP.</summary>
[Collection("whole process")]
public sealed class DatagramAllocationTests
{
    private static readonly SocketAddress Source = new IPEndPoint(IPAddress.Loopback, 40_001).Serialize();

    private readonly MemoryServer _server = new(new ChatServerOptions { Loops = 1, PublishRate = 0, ControlRate = 1_000_000 }, tls: true, udp: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_datagram_allocates_nothing(bool isPing)
    {
        const int Batch = 20;
        DatagramCaller ada = DatagramCaller.Join(_server, "ada");
        _server.Datagrams.LossToClients = 1;
        ulong id = 0;
        byte[][] datagrams = [];
        void Prepare() => datagrams =
            [.. Enumerable.Range(0, Batch).Select(_ => ada.Seal(isPing ? WireFrame.Bytes(new PingFrame { Opaque = 1 }) : WireFrame.Publish(99, ++id, "nowhere")))];

        void Deliver()
        {
            foreach (byte[] datagram in datagrams)
            {
                _server.DatagramEnd!.Deliver(datagram, Source);
            }

            while (_server.Host.Loops[0].Loop.RunOnce(block: false))
            {
            }
        }

        // Warm until the window of outcomes is full.
        for (int i = 0; i < 200; i++)
        {
            Prepare();
            Deliver();
        }

        int sent = _server.Datagrams.SentToClients;
        long least = long.MaxValue;
        for (int i = 0; i < Allocations.Tries && least > 0; i++)
        {
            Prepare();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Deliver();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.True(_server.Datagrams.SentToClients > sent);
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        byte[] secret = new byte[32];
        using DatagramKeys client = DatagramKeys.OfClient(secret);
        using DatagramKeys server = DatagramKeys.OfServer(secret);
        var writer = new DatagramWriter();
        byte[] frame = new byte[DatagramLayout.MaxFrameBytes];
        void SealAndOpen()
        {
            new PublishFrame { Room = 1, Id = 1, Body = "hello, all of you"u8 }.WriteTo(writer);
            ReadOnlySpan<byte> datagram = client.Seal(writer, 1);
            DatagramLayout.TryRead(datagram, out _, out ulong counter);
            server.Open(datagram, counter, frame.AsSpan(0, DatagramLayout.FrameBytes(datagram.Length)));
        }

        SealAndOpen();
        Assert.Equal(0, Allocations.LeastOf(SealAndOpen));
    }
}
