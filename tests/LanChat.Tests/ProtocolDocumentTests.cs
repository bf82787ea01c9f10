using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LanChat.Datagrams;
using LanChat.Discovery;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests;

/// <summary>docs/protocol.md is written for people who have no look at the code: what it can be held to, it is held to.</summary>
public sealed partial class ProtocolDocumentTests
{
    private static readonly string Document = File.ReadAllText(FindDocument());

    [Fact]
    public void The_example_of_HELLO_is_what_the_code_writes()
    {
        byte[] nonce = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
        var output = new ArrayBufferWriter<byte>();
        new HelloFrame { Version = 1, Token = new byte[16], Attempt = 1, Nonce = nonce, Name = "ada"u8 }.WriteTo(output);

        AssertIsExample("HELLO", output.WrittenSpan);
    }

    [Fact]
    public void The_example_of_JOIN_is_what_the_code_writes()
    {
        var output = new ArrayBufferWriter<byte>();
        new JoinFrame { Replay = 50, Room = "lobby"u8 }.WriteTo(output);

        AssertIsExample("JOIN", output.WrittenSpan);
    }

    [Fact]
    public void The_example_of_PUBLISH_is_what_the_code_writes()
    {
        var output = new ArrayBufferWriter<byte>();
        new PublishFrame { Room = 1, Id = 1, Body = "hello"u8 }.WriteTo(output);

        AssertIsExample("PUBLISH", output.WrittenSpan);
    }

    [Fact]
    public void The_example_of_a_DATAGRAM_is_what_the_code_seals()
    {
        using DatagramKeys keys = DatagramKeys.OfClient([.. Enumerable.Range(0, 32).Select(n => (byte)n)]);
        var writer = new DatagramWriter();
        new PublishFrame { Room = 1, Id = 1, Body = "hello"u8 }.WriteTo(writer);

        AssertIsExample("DATAGRAM", keys.Seal(writer, 0x1122334455667788));
    }

    [Fact]
    public void The_example_of_ENTRY_is_what_the_code_writes()
    {
        byte[] entry = new byte[EntryLayout.MeasureBytes(3, 5)];
        entry[3] = (byte)(entry.Length - 4);
        long time = new DateTimeOffset(2026, 7, 1, 12, 34, 56, 789, TimeSpan.Zero).ToUnixTimeMilliseconds();
        EntryLayout.Fill(entry, EntryKind.Message, flags: 0, room: 1, sequence: 17, time, id: 1, "ada"u8, "hello"u8);

        AssertIsExample("ENTRY", entry);
    }

    [Fact]
    public void The_example_of_a_discovery_REPLY_is_read_and_its_signature_is_genuine()
    {
        // Made and signed with openssl, not with this code.
        byte[] example = ReadExample("REPLY");

        Assert.Equal(BeaconDefect.None, BeaconPacket.TryRead(example, out BeaconPacket reply));
        Assert.True(BeaconSignature.IsGenuine(reply));
        Assert.Equal((BeaconType.Reply, BeaconFlags.HasUdp, 90), (reply.Type, reply.Flags, reply.LifetimeSeconds));
        Assert.Equal(new DateTimeOffset(2026, 7, 1, 12, 34, 56, TimeSpan.Zero).ToUnixTimeSeconds(), reply.Epoch);
        Assert.Equal((7u, 0x1122334455667788UL), (reply.Sequence, reply.Nonce));
        Assert.Equal((9090, 0, 9091, 3, 500, 1), (reply.ChatPort, reply.WebPort, reply.UdpPort, reply.Members, reply.MaxMembers, reply.MinProtocol));
        Assert.Equal(("Den", "tea"), (Encoding.UTF8.GetString(reply.Name), Encoding.UTF8.GetString(reply.Topic)));
        Assert.Equal("192.0.2.7", Assert.Single(reply.ExtraAddresses()).ToString());
        Assert.Equal(150, reply.Signed.Length);
        Assert.Contains($"{example.Length} bytes", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_frame_type_is_described_under_its_number_and_name()
    {
        foreach (FrameType type in Enum.GetValues<FrameType>())
            Assert.Contains($"**{(byte)type:X2} {type.ToString().ToUpperInvariant()}**", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_entry_and_every_code_has_its_row()
    {
        string kinds = Section("3.");
        foreach (EntryKind kind in Enum.GetValues<EntryKind>())
            Assert.Contains($"\n| {(byte)kind} | ", kinds, StringComparison.Ordinal);

        string codes = Section("2.");
        foreach (DisconnectReason reason in Enum.GetValues<DisconnectReason>().Where(reason => reason != DisconnectReason.Aborted))
            Assert.Contains($"\n| {(int)reason} | ", codes, StringComparison.Ordinal);
    }

    private static string Section(string number)
    {
        int start = Document.IndexOf($"\n## {number}", StringComparison.Ordinal);
        return Document[start..Document.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
    }

    private static void AssertIsExample(string name, ReadOnlySpan<byte> written)
    {
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(ReadExample(name)));
        Assert.Contains($"{written.Length.ToString(CultureInfo.InvariantCulture)} bytes", Document, StringComparison.Ordinal);
    }

    private static byte[] ReadExample(string name)
    {
        Match block = Regex.Match(Document, $"```hex {name}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(block.Success, name);
        return Convert.FromHexString(string.Concat(block.Groups[1].Value.Split('\n').Select(line => HexPairs().Match(line).Value.Replace(" ", ""))));
    }

    private static string FindDocument() => Path.Combine(Repository.Root, "src", "LanChat", "docs", "protocol.md");

    [GeneratedRegex("^[0-9A-F]{2}( [0-9A-F]{2})*(?=  |$)")]
    private static partial Regex HexPairs();
}
