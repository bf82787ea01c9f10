using FsCheck;
using FsCheck.Fluent;
using LanChat.Sessions;
using Xunit;
using Outcome = LanChat.Sessions.Outcome;

namespace LanChat.Tests.Sessions;

public sealed class OutcomeWindowTests
{
    [Fact]
    public void Only_the_next_id_is_new()
    {
        var outcomes = new OutcomeWindow();
        Assert.Equal(IdCheck.New, outcomes.Check(1));
        Assert.Equal(IdCheck.Violation, outcomes.Check(0));
        Assert.Equal(IdCheck.Violation, outcomes.Check(2));

        outcomes.Record(Outcome.Accepted(17));
        Assert.Equal(IdCheck.Repeat, outcomes.Check(1));
        Assert.Equal(IdCheck.New, outcomes.Check(2));
        Assert.Equal(IdCheck.Violation, outcomes.Check(3));
        Assert.Equal(IdCheck.Violation, outcomes.Check(ulong.MaxValue));
    }

    [Fact]
    public void An_id_older_than_the_window_is_a_violation()
    {
        var outcomes = new OutcomeWindow();
        for (int i = 1; i <= OutcomeWindow.Size + 10; i++)
        {
            outcomes.Record(Outcome.Accepted(i));
        }

        Assert.Equal(IdCheck.Violation, outcomes.Check(10));
        Assert.Equal(IdCheck.Repeat, outcomes.Check(11));
        Assert.Equal(11UL, outcomes[11].Sequence);
    }

    [Fact]
    public void Every_outcome_in_the_window_is_kept_through_growth_and_wrapping() =>
        Prop.ForAll(
            Gen.Choose(0, 2).ListOf(3000).ToArbitrary(),
            kinds =>
            {
                var outcomes = new OutcomeWindow();
                var expected = new List<Outcome>();
                foreach (int kind in kinds)
                {
                    Outcome outcome = kind switch
                    {
                        0 => Outcome.Accepted(expected.Count + 100),
                        1 => Outcome.Rejected(DisconnectReason.BadText),
                        _ => Outcome.Carried(),
                    };
                    expected.Add(outcome);
                    outcomes.Record(outcome);
                    for (int id = Math.Max(1, expected.Count - 40); id <= expected.Count; id++)
                    {
                        if (!outcomes[(ulong)id].Equals(expected[id - 1]))
                        {
                            return false;
                        }
                    }
                }

                int first = Math.Max(0, expected.Count - OutcomeWindow.Size);
                return expected.Skip(first).Select((outcome, i) => outcomes[(ulong)(first + i + 1)].Equals(outcome)).All(same => same);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void Successes_are_forgotten_when_idle_and_still_answered()
    {
        var outcomes = new OutcomeWindow();
        outcomes.Record(Outcome.Accepted(5));
        outcomes.Forget();
        Assert.Equal(IdCheck.Repeat, outcomes.Check(1));
        Assert.True(outcomes[1].IsAccepted);
        Assert.Equal(0UL, outcomes[1].Sequence);

        outcomes.Record(Outcome.Accepted(6));
        Assert.Equal(6UL, outcomes[2].Sequence);
        Assert.Equal(0UL, outcomes[1].Sequence);
    }

    [Fact]
    public void A_rejection_is_never_forgotten_within_the_window()
    {
        var outcomes = new OutcomeWindow();
        outcomes.Record(Outcome.Rejected(DisconnectReason.TooFast));
        outcomes.Record(Outcome.Accepted(6));
        outcomes.Forget();
        Assert.Equal((ushort)DisconnectReason.TooFast, outcomes[1].Code);
        Assert.Equal(6UL, outcomes[2].Sequence);
    }

    [Fact]
    public void What_is_pending_is_kept_until_it_is_settled_and_only_once()
    {
        var outcomes = new OutcomeWindow();
        outcomes.Record(Outcome.Undecided);
        outcomes.Forget();
        Assert.Equal(IdCheck.Repeat, outcomes.Check(1));
        Assert.True(outcomes[1].IsUndecided);

        outcomes.Settle(1, Outcome.Carried());
        outcomes.Settle(1, Outcome.Rejected(DisconnectReason.TooFast));
        Assert.True(outcomes[1].IsResult);
    }

    [Fact]
    public void What_was_pending_too_long_does_not_touch_a_newer_id()
    {
        var outcomes = new OutcomeWindow();
        outcomes.Record(Outcome.Undecided);
        for (int i = 0; i < OutcomeWindow.Size; i++)
        {
            outcomes.Record(Outcome.Undecided);
        }

        outcomes.Settle(1, Outcome.Carried());
        Assert.True(outcomes[OutcomeWindow.Size + 1].IsUndecided);
    }
}
