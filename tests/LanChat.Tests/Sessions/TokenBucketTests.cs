using LanChat.Sessions;
using Xunit;

namespace LanChat.Tests.Sessions;

public sealed class TokenBucketTests
{
    private const long Second = 1_000;

    [Fact]
    public void A_burst_passes_and_then_the_rate_holds()
    {
        TokenBucket bucket = default;
        Assert.Equal(5, Taken(ref bucket, now: 10 * Second, tries: 20));
        Assert.Equal(0, Taken(ref bucket, now: 10 * Second, tries: 20));
        Assert.Equal(2, Taken(ref bucket, now: 11 * Second, tries: 20));
        Assert.Equal(5, Taken(ref bucket, now: 60 * Second, tries: 20));
    }

    [Fact]
    public void Rate_0_is_no_limit()
    {
        TokenBucket bucket = default;
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(bucket.TryTake(1, Second, rate: 0, burst: 1));
        }
    }

    private static int Taken(ref TokenBucket bucket, long now, int tries)
    {
        int taken = 0;
        for (int i = 0; i < tries; i++)
        {
            taken += bucket.TryTake(now, Second, rate: 2, burst: 5) ? 1 : 0;
        }

        return taken;
    }
}
