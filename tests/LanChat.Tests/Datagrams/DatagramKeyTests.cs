using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>Sealed bytes. The vectors were made with another library (Python's cryptography), from the protocol's text.</summary>
public sealed class DatagramKeyTests
{
    private const ulong Connection = 0x1122334455667788;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void A_PUBLISH_of_a_client_is_sealed_as_others_seal_it()
    {
        var writer = new DatagramWriter();
        new PublishFrame { Room = 1, Id = 1, Body = "hello"u8 }.WriteTo(writer);
        using DatagramKeys client = DatagramKeys.OfClient(Secret);
        Assert.Equal(
            "4111223344556677880000000000000001BEC4C2603D9E827D55DC081CDAB53EF8FE12FA85824E59E6AE936B35A922D1A756E6ECDE58",
            Convert.ToHexString(client.Seal(writer, Connection)));
    }

    [Fact]
    public void An_ACK_of_a_server_is_sealed_as_others_seal_it()
    {
        var writer = new DatagramWriter();
        new AckFrame { Id = 1, Sequence = 17 }.WriteTo(writer);
        using DatagramKeys server = DatagramKeys.OfServer(Secret);
        Assert.Equal(
            "4111223344556677880000000000000001EB8DA6E79968392A02B9A938C65486519BDB8A8236B6DDA1BFDD08FAC916BF844F",
            Convert.ToHexString(server.Seal(writer, Connection)));
    }

    [Fact]
    public void The_highest_counter_is_opened_as_others_seal_it()
    {
        byte[] datagram = Convert.FromHexString("411122334455667788FFFFFFFFFFFFFFFFE945E989D0AAE01F6CF5FFE8BDB4187AE4F4BCA1A64C8B5CDC");
        using DatagramKeys server = DatagramKeys.OfServer(Secret);
        byte[] frame = new byte[9];
        Assert.True(DatagramLayout.TryRead(datagram, out ulong connection, out ulong counter));
        Assert.Equal((Connection, ulong.MaxValue), (connection, counter));
        Assert.Equal(DatagramDefect.None, server.Open(datagram, counter, frame));
        Assert.Equal("0E0000000000000007", Convert.ToHexString(frame));
        Assert.Equal(DatagramDefect.Replayed, server.Open(datagram, counter, frame));
    }

    [Fact]
    public void No_bit_of_a_datagram_can_be_changed()
    {
        byte[] datagram = Sealed();
        for (int bit = 0; bit < datagram.Length * 8; bit++)
        {
            using DatagramKeys server = DatagramKeys.OfServer(Secret);
            byte[] changed = [.. datagram];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] frame = new byte[DatagramLayout.FrameBytes(changed.Length)];
            if (DatagramLayout.TryRead(changed, out _, out ulong counter))
            {
                // Also a changed connection, which the table would not even find.
                Assert.NotEqual(DatagramDefect.None, server.Open(changed, counter, frame));
            }

            Assert.True(DatagramLayout.TryRead(datagram, out _, out counter));
            Assert.Equal(DatagramDefect.None, server.Open(datagram, counter, frame));
        }
    }

    [Fact]
    public void A_forged_datagram_does_not_move_the_window()
    {
        using DatagramKeys server = DatagramKeys.OfServer(Secret);
        byte[] forged = Sealed();
        forged[DatagramLayout.CounterAt] = 0x80;
        byte[] frame = new byte[DatagramLayout.FrameBytes(forged.Length)];
        Assert.True(DatagramLayout.TryRead(forged, out _, out ulong counter));
        Assert.Equal(DatagramDefect.Forged, server.Open(forged, counter, frame));

        Assert.True(DatagramLayout.TryRead(Sealed(), out _, out counter));
        Assert.Equal(DatagramDefect.None, server.Open(Sealed(), counter, frame));
    }

    [Fact]
    public void What_one_side_sealed_does_not_open_on_that_side()
    {
        using DatagramKeys client = DatagramKeys.OfClient(Secret);
        byte[] datagram = Sealed();
        Assert.True(DatagramLayout.TryRead(datagram, out _, out ulong counter));
        Assert.Equal(DatagramDefect.Forged, client.Open(datagram, counter, new byte[DatagramLayout.FrameBytes(datagram.Length)]));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(33, false)]
    [InlineData(34, true)]
    [InlineData(1200, true)]
    [InlineData(1201, false)]
    public void A_datagram_has_34_to_1200_bytes(int bytes, bool isOne)
    {
        byte[] datagram = new byte[bytes];
        datagram.AsSpan(0, Math.Min(bytes, 1)).Fill(DatagramLayout.Mark);
        Assert.Equal(isOne, DatagramLayout.TryRead(datagram, out _, out _));
    }

    [Fact]
    public void The_longest_frame_fills_a_datagram_and_one_byte_more_does_not_fit()
    {
        int body = DatagramLayout.MaxFrameBytes - PublishFrame.MeasureBytes(0);
        var writer = new DatagramWriter();
        new PublishFrame { Room = 1, Id = 1, Body = new byte[body] }.WriteTo(writer);
        using DatagramKeys client = DatagramKeys.OfClient(Secret);
        Assert.Equal(DatagramLayout.MaxBytes, client.Seal(writer, Connection).Length);
        Assert.Throws<InvalidOperationException>(() => new PublishFrame { Room = 1, Id = 1, Body = new byte[body + 1] }.WriteTo(writer));
        Assert.True(writer.IsEmpty);
    }

    [Fact]
    public void Frames_are_measured_as_they_are_written()
    {
        byte[] publish = WireFrame.Publish(1, 1, "hello");
        byte[] direct = WireFrame.Direct(1, "bo", "hello");
        Assert.Equal(publish.Length - 4, PublishFrame.MeasureBytes(5));
        Assert.Equal(direct.Length - 4, DirectFrame.MeasureBytes(2, 5));
    }

    private static byte[] Sealed()
    {
        var writer = new DatagramWriter();
        new PublishFrame { Room = 1, Id = 1, Body = "hello"u8 }.WriteTo(writer);
        using DatagramKeys client = DatagramKeys.OfClient(Secret);
        return client.Seal(writer, Connection).ToArray();
    }
}
