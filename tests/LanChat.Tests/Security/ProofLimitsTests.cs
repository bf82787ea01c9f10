using LanChat.Security;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class ProofLimitsTests
{
    private static readonly SourceAddress Ada = Address(1_000_001);
    private static readonly SourceAddress Bo = Address(1_000_002);

    private readonly FakeTimeProvider _time = new();
    private readonly ProofLimits _limits;

    public ProofLimitsTests() => _limits = new ProofLimits(_time);

    [Fact]
    public void Five_wrong_ones_a_minute_are_looked_at_and_other_addresses_do_not_suffer()
    {
        Spend(Ada);
        Assert.False(_limits.HasLeft(Ada));
        Assert.Equal(ProofResult.TooMany, Wrong(Ada));
        Assert.True(_limits.HasLeft(Bo));
        Assert.Equal(ProofResult.Wrong, Wrong(Bo));

        _time.Advance(ProofLimits.Window - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ProofResult.TooMany, Wrong(Ada));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Spend(Ada);
        Assert.Equal(ProofResult.TooMany, Wrong(Ada));
    }

    [Fact]
    public void The_minute_is_counted_from_the_first_and_what_is_refused_does_not_prolong_it()
    {
        Assert.Equal(ProofResult.Wrong, Wrong(Ada));
        for (int i = 1; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(i < ProofLimits.MaxWrong ? ProofResult.Wrong : ProofResult.TooMany, Wrong(Ada));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProofResult.Wrong, Wrong(Ada));
    }

    [Fact]
    public void Right_ones_cost_nothing_but_count_no_more_once_too_many_were_wrong()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(ProofResult.Right, Right(Ada));
        }

        Spend(Ada);
        Assert.Equal(ProofResult.TooMany, Right(Ada));
    }

    [Fact]
    public void The_last_wrong_one_is_told_from_the_others()
    {
        for (int i = 1; i <= 2 * ProofLimits.MaxWrong; i++)
        {
            _limits.Note(Ada, isRight: false, out bool isLast);
            Assert.Equal(i == ProofLimits.MaxWrong, isLast);
        }
    }

    [Fact]
    public void The_table_is_bounded_and_the_oldest_goes_first()
    {
        Spend(Ada);
        _time.Advance(TimeSpan.FromSeconds(1));
        Spend(Bo);
        for (int i = 0; i < ProofLimits.MaxAddresses - 2; i++)
        {
            Assert.Equal(ProofResult.Wrong, Wrong(Address(i)));
        }

        Assert.Equal(ProofResult.TooMany, Wrong(Ada));
        Assert.Equal(ProofResult.Wrong, Wrong(Address(ProofLimits.MaxAddresses)));
        Assert.True(_limits.HasLeft(Ada));
        Assert.False(_limits.HasLeft(Bo));
    }

    [Fact]
    public void In_a_full_table_those_whose_minute_is_over_go_before_anybody_else()
    {
        for (int i = 0; i < ProofLimits.MaxAddresses - 1; i++)
        {
            Assert.Equal(ProofResult.Wrong, Wrong(Address(i)));
        }

        _time.Advance(ProofLimits.Window);
        Spend(Ada);
        Assert.Equal(ProofResult.Wrong, Wrong(Bo));
        Assert.False(_limits.HasLeft(Ada));
    }

    [Fact]
    public void Many_threads_at_once_get_no_more_than_five()
    {
        int wrong = 0;
        Parallel.For(0, 1_000, _ => Interlocked.Add(ref wrong, Wrong(Ada) == ProofResult.Wrong ? 1 : 0));

        Assert.Equal(ProofLimits.MaxWrong, wrong);
    }

    private static SourceAddress Address(int number) => new((ulong)number, 0, 4);

    private ProofResult Wrong(SourceAddress source) => _limits.Note(source, isRight: false, out _);

    private ProofResult Right(SourceAddress source) => _limits.Note(source, isRight: true, out _);

    private void Spend(SourceAddress source)
    {
        for (int i = 0; i < ProofLimits.MaxWrong; i++)
        {
            Assert.Equal(ProofResult.Wrong, Wrong(source));
        }
    }
}
