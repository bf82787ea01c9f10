using System.Buffers;
using System.Text;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

public sealed class LineFormatTests
{
    private static readonly long Noon = new DateTimeOffset(2026, 7, 1, 12, 34, 56, 789, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void A_message_shows_the_time_the_name_and_the_text() =>
        Assert.Equal("[12:34:56] ada: hello", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "ada"u8, Text = "hello"u8 }));

    [Fact]
    public void An_opaque_message_shows_its_size()
    {
        Assert.Equal("[12:34:56] ada: (12 bytes)", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "ada"u8, IsOpaque = true, Text = new byte[12] }));
        Assert.Equal("[12:34:56] ada: (1 byte)", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "ada"u8, IsOpaque = true, Text = [27] }));
    }

    [Fact]
    public void A_direct_message_says_to_whom() =>
        Assert.Equal("[12:34:56] ada -> you: psst", Draw(new Line { Kind = LineKind.Direct, Time = Noon, Name = "ada"u8, Text = "psst"u8 }));

    [Fact]
    public void A_join_counts_the_members()
    {
        Assert.Equal("* bo joined (3 members)", Draw(new Line { Kind = LineKind.Joined, Name = "bo"u8, Members = 3 }));
        Assert.Equal("* bo joined (1 member)", Draw(new Line { Kind = LineKind.Joined, Name = "bo"u8, Members = 1 }));
    }

    [Theory]
    [InlineData(1, "* bo left (1 member)")]
    [InlineData(0, "* bo left (1 member): connection lost")]
    [InlineData(2, "* bo left (1 member): server stopping")]
    [InlineData(3, "* bo left (1 member): too slow")]
    [InlineData(7, "* bo left (1 member): heartbeat lost")]
    [InlineData(8, "* bo left (1 member): kicked")]
    [InlineData(777, "* bo left (1 member): code 777")]
    public void A_leave_says_why_unless_it_was_a_goodbye(int code, string expected) =>
        Assert.Equal(expected, Draw(new Line { Kind = LineKind.Left, Name = "bo"u8, Members = 1, Code = code }));

    [Fact]
    public void A_counted_room_shows_its_number_and_a_small_one_its_names()
    {
        Assert.Equal("* 300 members", Draw(new Line { Kind = LineKind.Members, Members = 300 }));
        Assert.Equal("* 2 members: ada, bo", Draw(new Line { Kind = LineKind.Members, Members = 2, Text = "ada, bo"u8 }));
    }

    [Fact]
    public void The_other_events_have_their_lines()
    {
        Assert.Equal("* bo lost contact", Draw(new Line { Kind = LineKind.LostContact, Name = "bo"u8 }));
        Assert.Equal("* bo is back", Draw(new Line { Kind = LineKind.Back, Name = "bo"u8 }));
        Assert.Equal("! dinner at eight", Draw(new Line { Kind = LineKind.Notice, Text = "dinner at eight"u8 }));
        Assert.Equal("! idle for an hour", Draw(new Line { Kind = LineKind.Private, Text = "idle for an hour"u8 }));
        Assert.Equal("* missed 12 to 17", Draw(new Line { Kind = LineKind.Gap, Sequence = 12, LastSequence = 17 }));
        Assert.Equal("* missed 12", Draw(new Line { Kind = LineKind.Gap, Sequence = 12, LastSequence = 12 }));
        Assert.Equal("* connected again, 5 entries later", Draw(new Line { Kind = LineKind.Resumed, Entries = 5 }));
        Assert.Equal("* connected again, 1 entry later", Draw(new Line { Kind = LineKind.Resumed, Entries = 1 }));
        Assert.Equal("* the room began anew", Draw(new Line { Kind = LineKind.Reset }));
        Assert.Equal("ok 17", Draw(new Line { Kind = LineKind.Confirmed, Sequence = 17 }));
        Assert.Equal("? 22 not UTF-8", Draw(new Line { Kind = LineKind.Rejected, Code = 22, Text = "not UTF-8"u8 }));
        Assert.Equal("? 14 too fast", Draw(new Line { Kind = LineKind.Rejected, Code = 14 }));
        Assert.Equal("bye: come again", Draw(new Line { Kind = LineKind.Bye, Code = 1, Text = "come again"u8 }));
        Assert.Equal("bye: server stopping", Draw(new Line { Kind = LineKind.Bye, Code = 2 }));
    }

    [Fact]
    public void A_line_feed_begins_an_indented_line_and_a_tab_is_a_space()
    {
        Assert.Equal("[12:34:56] ada: one\n    * bo left (1 member)\n    ", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "ada"u8, Text = "one\n* bo left (1 member)\n"u8 }));
        Assert.Equal("[12:34:56] ada: a b", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "ada"u8, Text = "a\tb"u8 }));
        Assert.Equal("welcome\nto the den", Draw(new Line { Kind = LineKind.Words, Text = "welcome\nto the den"u8 }));
    }

    [Fact]
    public void A_name_holds_neither() =>
        Assert.Equal("* a\uFFFDb\uFFFDc\uFFFD is back", Draw(new Line { Kind = LineKind.Back, Name = "a\nb\tc\x1B"u8 }));

    [Fact]
    public void The_time_is_that_of_the_zone()
    {
        TimeZoneInfo east = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromMinutes(13 * 60 + 45), "east", "east");
        TimeZoneInfo west = TimeZoneInfo.CreateCustomTimeZone("west", TimeSpan.FromHours(-14), "west", "west");

        Assert.StartsWith("[02:19:56] ", Draw(new Line { Kind = LineKind.Message, Time = Noon }, east), StringComparison.Ordinal);
        Assert.StartsWith("[22:34:56] ", Draw(new Line { Kind = LineKind.Message, Time = Noon }, west), StringComparison.Ordinal);
        foreach (long time in new[] { long.MinValue, long.MaxValue, -1, 0 })
        {
            Assert.Matches(@"^\[\d\d:\d\d:\d\d\] ", Draw(new Line { Kind = LineKind.Message, Time = time }, east));
            Assert.Matches(@"^\[\d\d:\d\d:\d\d\] ", Draw(new Line { Kind = LineKind.Message, Time = time }, west));
        }
    }

    [Fact]
    public void Summer_time_is_followed()
    {
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday));
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("summer", TimeSpan.FromHours(1), "summer", "s", "d", [rule]);
        long winter = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

        Assert.Equal("[14:34:56] a: x", Draw(new Line { Kind = LineKind.Message, Time = Noon, Name = "a"u8, Text = "x"u8 }, zone));
        Assert.Equal("[13:00:00] a: x", Draw(new Line { Kind = LineKind.Message, Time = winter, Name = "a"u8, Text = "x"u8 }, zone));
    }

    public static TheoryData<RoomEvent, string> Events
    {
        get
        {
            DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(Noon);
            return new()
            {
                { new MessageReceived { Name = "ada", Text = "hi\nthere", Time = time }, "[12:34:56] ada: hi\n    there" },
                { new MessageReceived { Name = "ada", IsOpaque = true, Data = new byte[12], Time = time }, "[12:34:56] ada: (12 bytes)" },
                { new MemberJoined { Name = "bo", Members = 3 }, "* bo joined (3 members)" },
                { new MemberLeft { Name = "bo", Members = 1, Reason = DisconnectReason.Goodbye }, "* bo left (1 member)" },
                { new MemberLeft { Name = "bo", Members = 1, Reason = DisconnectReason.Kicked }, "* bo left (1 member): kicked" },
                { new MembersChanged { Members = 300 }, "* 300 members" },
                { new Notice { Text = "dinner at eight" }, "! dinner at eight" },
                { new MemberLostContact { Name = "bo" }, "* bo lost contact" },
                { new MemberBack { Name = "bo" }, "* bo is back" },
                { new DirectReceived { Name = "ada", Text = "psst", Time = time }, "[12:34:56] ada -> you: psst" },
                { new PrivateNotice { Text = "you are idle" }, "! you are idle" },
                { new Gap { From = 12, To = 17 }, "* missed 12 to 17" },
                { new Resumed { Entries = 0 }, "* connected again, 0 entries later" },
                { new Reset { Epoch = 7 }, "* the room began anew" },
                { new MessageReceived { Name = "ada", Text = "lone \uD83D surrogate \u001B", Time = time }, "[12:34:56] ada: lone \uFFFD surrogate \uFFFD" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Events), DisableDiscoveryEnumeration = true)]
    public void Every_event_is_drawn_by_ToText(RoomEvent roomEvent, string expected) => Assert.Equal(expected, roomEvent.ToText(TimeZoneInfo.Utc));

    [Fact]
    public void No_event_is_forgotten()
    {
        IEnumerable<Type> kinds = typeof(RoomEvent).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(RoomEvent)));

        Assert.Empty(kinds.Except(Events.Select(row => row.Data.Item1.GetType())));
    }

    [Fact]
    public void Every_reason_has_words()
    {
        foreach (DisconnectReason reason in Enum.GetValues<DisconnectReason>())
            Assert.DoesNotContain("code", ReasonWords.Of(reason), StringComparison.Ordinal);

        Assert.Equal("code 99", ReasonWords.Of((DisconnectReason)99));
    }

    private static string Draw(in Line line, TimeZoneInfo? zone = null)
    {
        var output = new ArrayBufferWriter<byte>();
        LineFormat.Write(output, line, zone ?? TimeZoneInfo.Utc);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
