using System.Buffers.Binary;
using LanChat.Framing;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What an open TLS link puts on the wire and takes from it: few full records out, any pieces in, and no end unnoticed.</summary>
public sealed class TlsRecordTests
{
    private const int HeaderBytes = 5;
    private static readonly string Text = new('x', 1000);

    private readonly MemoryServer _server = new(Callers.Patient with { PublishRate = 0, MaxHistoryBytes = 2 << 20 }, tls: true);

    [Fact]
    public void A_megabyte_of_small_entries_goes_out_in_full_records()
    {
        MemoryCaller ada = _server.Join("ada");
        int total = 0;
        for (ulong id = 1; total < 1 << 20; id++, total += Callers.EntryBytes("ada", Text))
        {
            ada.Say(WireFrame.Publish(1, id, Text));
        }

        MemoryCaller bo = _server.Connect();
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", 65535)]);
        List<int> records = Records(bo.Client.ReadWire());
        Assert.InRange(records.Sum(), total, total + (records.Count * 32) + 4096);

        // Sends of a megabyte, blocks of 64 KiB: only the last record of the last block of a send is short.
        int full = records.Count(length => length >= TlsBuffers.RecordBytes);
        Assert.InRange(records.Count, total / TlsBuffers.RecordBytes, (total / TlsBuffers.RecordBytes) + 4);
        Assert.InRange(records.Count - full, 0, 4);
    }

    [Fact]
    public void One_round_is_one_record()
    {
        MemoryCaller ada = _server.Join("ada");
        MemoryCaller bo = _server.Join("bo");
        bo.Frames();
        ada.Say([.. WireFrame.Publish(1, 1, "one"), .. WireFrame.Publish(1, 2, "two"), .. WireFrame.Direct(3, "bo", "psst")]);
        Assert.Single(Records(bo.Client.ReadWire()));
    }

    [Fact]
    public void Records_arrive_in_any_pieces()
    {
        MemoryCaller ada = _server.Join("ada");
        MemoryCaller bo = _server.Join("bo");
        bo.Frames();
        ulong id = 0;
        for (int seed = 1; seed <= (TestLength.IsLong ? 300 : 20); seed++)
        {
            ada.Client.ToServer.NextPiece = Pieces.Random(TestLength.Seed(seed), seed % 2 == 0 ? 3 : 5000);
            string text = new((char)('a' + (seed % 26)), 1 + (seed * 150 % 4000));
            byte[] frames = [.. WireFrame.Publish(1, ++id, text), .. WireFrame.Publish(1, ++id, "short")];
            ada.Say(frames);
            Assert.Equal([text, "short"], bo.Frames().Texts());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_cut_inside_a_record_is_a_broken_connection_wherever(bool reset)
    {
        MemoryCaller ada = _server.Join("ada");
        int record = HeaderBytes + 17 + WireFrame.Publish(1, 1, "hello").Length;
        for (int cut = 1; cut < record; cut++)
        {
            MemoryCaller bo = _server.Join("bo");
            ada.Frames();
            bo.Client.ToServer.CutAt(bo.Client.ToServer.Written + cut, reset);
            bo.Say(WireFrame.Publish(1, 1, "hello"));
            List<WireFrame> frames = ada.Frames();
            Assert.Empty(frames.Texts());
            Assert.Equal(("bo", 1u, DisconnectReason.ConnectionReset), Assert.Single(frames.Entries(EntryKind.Left)).LeftParts());
        }

        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    [Fact]
    public void A_record_that_was_changed_on_the_way_ends_the_connection_and_says_nothing()
    {
        MemoryCaller ada = _server.Join("ada");
        for (int place = 0; place < 40; place++)
        {
            MemoryCaller bo = _server.Join("bo");
            ada.Frames();
            byte[] record = bo.Client.Tls!.Encrypt(WireFrame.Publish(1, 1, "changed"));
            record[place] ^= 0x10;
            bo.Client.ToServer.TryWrite(record, out _);
            _server.Run();

            // A length that was made larger waits for more, until its time has come.
            bo.Client.ToServer.End();
            _server.Run();
            List<WireFrame> frames = ada.Frames();
            Assert.Empty(frames.Texts());
            Assert.Single(frames.Entries(EntryKind.Left));
        }
    }

    [Fact]
    public void A_server_that_stops_says_goodbye_in_TLS_too()
    {
        MemoryCaller bo = _server.Join("bo");
        bo.Frames();
        bo.Say([0, 0, 0, 0]);
        Assert.Equal(DisconnectReason.ProtocolViolation, bo.Frames().LastWord());
        Assert.True(bo.Client.Tls!.HeardGoodbye);
    }

    private static List<int> Records(ReadOnlySpan<byte> wire)
    {
        var records = new List<int>();
        while (!wire.IsEmpty)
        {
            Assert.Equal((0x17, 3, 3), (wire[0], wire[1], wire[2]));
            int length = BinaryPrimitives.ReadUInt16BigEndian(wire[3..]);
            records.Add(length);
            wire = wire[(HeaderBytes + length)..];
        }

        return records;
    }
}
