using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
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
    public void The_example_of_ENTRY_is_what_the_code_writes()
    {
        byte[] entry = new byte[EntryLayout.MeasureBytes(3, 5)];
        entry[3] = (byte)(entry.Length - 4);
        long time = new DateTimeOffset(2026, 7, 1, 12, 34, 56, 789, TimeSpan.Zero).ToUnixTimeMilliseconds();
        EntryLayout.Fill(entry, EntryKind.Message, flags: 0, room: 1, sequence: 17, time, id: 1, "ada"u8, "hello"u8);

        AssertIsExample("ENTRY", entry);
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
        Match block = Regex.Match(Document, $"```hex {name}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(block.Success, name);
        IEnumerable<string> pairs = block.Groups[1].Value.Split('\n').SelectMany(line => HexPairs().Match(line).Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(Convert.ToHexString(written), string.Concat(pairs), ignoreCase: false);
        Assert.Contains($"{written.Length.ToString(CultureInfo.InvariantCulture)} bytes", Document, StringComparison.Ordinal);
    }

    private static string FindDocument() => Path.Combine(Repository.Root, "src", "LanChat", "docs", "protocol.md");

    [GeneratedRegex("^[0-9A-F]{2}( [0-9A-F]{2})*(?=  |$)")]
    private static partial Regex HexPairs();
}
