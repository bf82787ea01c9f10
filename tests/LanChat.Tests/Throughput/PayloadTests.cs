using LanChat.Throughput;
using Xunit;

namespace LanChat.Tests.Throughput;

public sealed class PayloadTests
{
    [Theory]
    [InlineData(0, 0u, 0L)]
    [InlineData(7999, 1u, 1_234_567_890_123L)]
    [InlineData(int.MaxValue, uint.MaxValue, long.MaxValue)]
    public void A_payload_says_who_spoke_the_how_manieth_it_is_and_when(int publisher, uint number, long nanoseconds)
    {
        ReadOnlySpan<byte> payload = new Payload(64).Make(publisher, number, nanoseconds);

        Assert.Equal(publisher, Payload.Publisher(payload));
        Assert.Equal(number, Payload.Number(payload));
        Assert.Equal(nanoseconds, Payload.Nanoseconds(payload));
        Assert.Equal(64, payload.Length);
    }

    [Fact]
    public void A_payload_that_was_cut_lengthened_or_changed_is_not_whole()
    {
        var payload = new Payload(64);
        byte[] made = [.. payload.Make(1, 2, 3)];

        Assert.True(payload.IsWhole(made));
        Assert.False(payload.IsWhole(made.AsSpan(0, 63)));
        Assert.False(payload.IsWhole([.. made, (byte)'a']));
        made[40] ^= 1;
        Assert.False(payload.IsWhole(made));
    }
}
