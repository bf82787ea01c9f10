using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Hostile;

/// <summary>Hostile texts on their way through the real server, to those who speak frames and to people.</summary>
public sealed class HostileTextTests
{
    private readonly MemoryServer _server = new(Callers.Patient);
    private readonly MemoryCaller _mallory;
    private readonly MemoryCaller _bo;
    private readonly MemoryCaller _eve;

    public HostileTextTests()
    {
        _mallory = _server.Join("mallory");
        _bo = _server.Join("bo");
        _eve = _server.Connect();
        _eve.Say("/name eve\n");
        _bo.Frames();
        _eve.Lines();
    }

    public static TheoryData<string> Items => [.. HostileTexts.Items.Keys];

    [Theory, MemberData(nameof(Items))]
    [HostileInput(
        18, "ESC ] 52", "ESC ] 8", "ESC [ 2 J", "CSI in C1", "CR over the line", "override of direction", "NUL", "4,096 marks", "a line feed and a faked sender")]
    public void A_message_is_harmless_to_those_who_get_it(string item)
    {
        _mallory.Say(WireFrame.Bytes(new PublishFrame { Room = 1, Id = 1, Body = HostileTexts.Items[item] }));
        _mallory.Say(WireFrame.Bytes(new DirectFrame { Id = 2, To = "eve"u8, Body = HostileTexts.Items[item] }));

        string text = Assert.Single(_bo.Frames().Texts());
        Assert.True(ForbiddenScalars.AreAbsentFrom(text));
        string[] lines = _eve.Lines();
        HostileTexts.AssertGenuine(lines);
        Assert.Contains("] mallory: ", lines[0], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.True(line.StartsWith("    ", StringComparison.Ordinal) || line.Contains("] mallory", StringComparison.Ordinal), line));
        Assert.All(lines, line => Assert.InRange(line.EnumerateRunes().Count(rune => Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark), 0, 8));
    }

    [Fact]
    [HostileInput(18, "half a surrogate pair", "overlong UTF-8")]
    public void What_is_not_UTF8_is_refused_and_nobody_sees_it()
    {
        ulong id = 0;
        foreach (byte[] body in (byte[][])[[0xED, 0xA0, 0x80], [0xC0, 0x9B], [0xE0, 0x80, 0x8A], [0xC2], [0xFF]])
        {
            _mallory.Say(WireFrame.Bytes(new PublishFrame { Room = 1, Id = ++id, Body = body }));
        }

        Assert.Equal([.. Enumerable.Repeat(DisconnectReason.BadText, 5)], _mallory.Frames().Rejections().Select(rejection => rejection.Code));
        Assert.Empty(_bo.Frames());
        Assert.Empty(_eve.Lines());
    }

    [Fact]
    public void Marks_that_every_script_needs_are_drawn()
    {
        foreach (string text in (string[])["e\u0301\u0323", "देवनागरी", "👩‍👩‍👧‍👦 🏴", "q" + new string('\u0323', 8)])
        {
            Assert.EndsWith($": {text}", new MessageReceived { Name = "ada", Text = text }.ToText(TimeZoneInfo.Utc), StringComparison.Ordinal);
        }
    }
}
