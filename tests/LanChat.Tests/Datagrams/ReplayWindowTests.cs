using LanChat.Datagrams;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

public sealed class ReplayWindowTests
{
    [Fact]
    public void A_counter_comes_once()
    {
        var window = default(ReplayWindow);
        Assert.True(Take(ref window, 1));
        Assert.False(Take(ref window, 1));
        Assert.True(Take(ref window, 3));
        Assert.True(Take(ref window, 2));
        Assert.False(Take(ref window, 2));
    }

    [Fact]
    public void Zero_never_comes()
    {
        var window = default(ReplayWindow);
        Assert.False(window.IsNew(0));
        Take(ref window, 5);
        Assert.False(window.IsNew(0));
    }

    [Theory]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    [InlineData(2000, false)]
    public void What_is_late_by_less_than_the_window_is_new(int late, bool isNew)
    {
        var window = default(ReplayWindow);
        Take(ref window, 10_000);
        Assert.Equal(isNew, window.IsNew((ulong)(10_000 - late)));
    }

    [Fact]
    public void The_highest_counter_there_is_comes_once_and_nothing_is_above_it()
    {
        var window = default(ReplayWindow);
        Take(ref window, 7);
        Assert.True(Take(ref window, ulong.MaxValue));
        Assert.False(Take(ref window, ulong.MaxValue));
        Assert.False(window.IsNew(7));
        Assert.False(window.IsNew(8));
        Assert.True(Take(ref window, ulong.MaxValue - 1023));
        Assert.False(window.IsNew(ulong.MaxValue - 1024));
    }

    [Fact]
    public void It_agrees_with_a_set_of_all_that_came()
    {
        int seed = TestLength.Seed(20261121);
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var window = default(ReplayWindow);
            var came = new HashSet<ulong>();
            ulong highest = 0;
            ulong from = run % 2 == 0 ? 1 : ulong.MaxValue - 5_000;
            for (int i = 0; i < 2_000; i++)
            {
                ulong step = (ulong)random.Next(random.Next(4) == 0 ? 3_000 : 20);
                ulong counter = random.Next(3) == 0 ? Math.Max(from, highest < step ? 0 : highest - step) : Math.Min(highest, ulong.MaxValue - step) + step;
                counter = Math.Max(counter, from);
                bool expected = counter > highest || (highest - counter < ReplayWindow.Size && !came.Contains(counter));
                Assert.True(expected == window.IsNew(counter), $"seed {seed}, run {run}, step {i}: {counter} after {highest}");
                if (expected)
                {
                    window.Take(counter);
                    came.Add(counter);
                    highest = Math.Max(highest, counter);
                }
            }
        }
    }

    private static bool Take(ref ReplayWindow window, ulong counter)
    {
        bool isNew = window.IsNew(counter);
        if (isNew)
        {
            window.Take(counter);
        }

        return isNew;
    }
}
