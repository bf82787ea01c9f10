using System.Net;
using LanChat.Security;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class ProofLimitsTests
{
    private static readonly IPAddress Ada = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Bo = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly ProofLimits _limits;

    public ProofLimitsTests() => _limits = new ProofLimits(_time);

    [Fact]
    public void Five_wrong_ones_a_minute_are_looked_at_and_other_addresses_do_not_suffer()
    {
        Spend(Ada);
        Assert.False(_limits.HasLeft(Ada));
        Assert.False(_limits.TryTake(Ada));
        Assert.True(_limits.HasLeft(Bo));
        Assert.True(_limits.TryTake(Bo));

        _time.Advance(ProofLimits.Window - TimeSpan.FromMilliseconds(1));
        Assert.False(_limits.TryTake(Ada));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Spend(Ada);
        Assert.False(_limits.TryTake(Ada));
    }

    [Fact]
    public void The_minute_is_counted_from_the_first_and_what_is_refused_does_not_prolong_it()
    {
        Assert.True(_limits.TryTake(Ada));
        for (int i = 1; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(i < ProofLimits.MaxWrong, _limits.TryTake(Ada));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_limits.TryTake(Ada));
    }

    [Fact]
    public void Right_ones_cost_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_limits.TryTake(Ada));
            _limits.GiveBack(Ada);
        }

        Spend(Ada);
        Assert.False(_limits.TryTake(Ada));
    }

    [Fact]
    public void The_table_is_bounded_and_the_oldest_goes_first()
    {
        Spend(Ada);
        _time.Advance(TimeSpan.FromSeconds(1));
        Spend(Bo);
        for (int i = 0; i < ProofLimits.MaxAddresses - 2; i++)
        {
            Assert.True(_limits.TryTake(new IPAddress(i + 1)));
        }

        Assert.False(_limits.TryTake(Ada));
        Assert.True(_limits.TryTake(IPAddress.Parse("2001:db8::1")));
        Assert.True(_limits.HasLeft(Ada));
        Assert.False(_limits.HasLeft(Bo));
    }

    [Fact]
    public void In_a_full_table_those_whose_minute_is_over_go_before_anybody_else()
    {
        for (int i = 0; i < ProofLimits.MaxAddresses - 1; i++)
        {
            Assert.True(_limits.TryTake(new IPAddress(i + 1)));
        }

        _time.Advance(ProofLimits.Window);
        Spend(Ada);
        Assert.True(_limits.TryTake(Bo));
        Assert.False(_limits.HasLeft(Ada));
    }

    [Fact]
    public void Many_threads_at_once_get_no_more_than_five()
    {
        int taken = 0;
        Parallel.For(0, 1_000, _ => Interlocked.Add(ref taken, _limits.TryTake(Ada) ? 1 : 0));

        Assert.Equal(ProofLimits.MaxWrong, taken);
    }

    private void Spend(IPAddress address)
    {
        for (int i = 0; i < ProofLimits.MaxWrong; i++)
        {
            Assert.True(_limits.TryTake(address));
        }
    }
}
