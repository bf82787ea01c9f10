using System.Buffers;
using System.Text;
using LanChat.Tests.Support;
using LanChat.Text;
using Xunit;

namespace LanChat.Tests.Text;

[Collection("whole process")]
public sealed class TextAllocationTests
{
    private static readonly byte[] Ascii = Encoding.UTF8.GetBytes(new string('x', 300));
    private static readonly byte[] International = Encoding.UTF8.GetBytes("grüße, 日本語, 👩‍👩‍👧, مرحبا\nand a line");
    private static readonly byte[] Hostile = Encoding.UTF8.GetBytes("\u001B[2J\r\u202E\U000E0041 hi\tthere\n* bo left");

    [Fact]
    public void Sanitizing_allocates_nothing()
    {
        byte[] scratch = new byte[4096];
        AssertAllocatesNothing(() =>
        {
            bool areOk = TextRules.TrySanitize(Ascii, scratch, out _) == TextCheck.Ok
                && TextRules.TrySanitize(International, scratch, out _) == TextCheck.Ok
                && TextRules.TrySanitize(Hostile, scratch, out _) == TextCheck.Ok;
            Assert.True(areOk);
        });
    }

    [Fact]
    public void Drawing_a_line_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        LineKind[] kinds = Enum.GetValues<LineKind>();
        var summer = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday));
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("summer", TimeSpan.FromHours(1), "summer", "s", "d", [summer]);
        AssertAllocatesNothing(() =>
        {
            output.ResetWrittenCount();
            foreach (LineKind kind in kinds)
                LineFormat.Write(output, new Line { Kind = kind, Time = 1_782_909_296_789, Name = International, Text = Hostile, Members = 12, Code = 8, Sequence = 17 }, zone);
        });
    }

    private static void AssertAllocatesNothing(Action work)
    {
        for (int i = 0; i < 100; i++)
            work();

        long allocated = Allocations.LeastOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                work();
        });
        Assert.Equal(0, allocated);
    }
}
