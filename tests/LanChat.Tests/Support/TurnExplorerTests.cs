using Xunit;

namespace LanChat.Tests.Support;

public sealed class TurnExplorerTests
{
    [Theory]
    [InlineData(1, 2, 3, 60)]
    [InlineData(2, 2, 2, 90)]
    [InlineData(0, 3, 4, 35)]
    public void Every_order_of_turns_is_gone_once(int first, int second, int third, int orders)
    {
        HashSet<string> gone = [];
        Exploration result = new TurnExplorer(() =>
        {
            string order = "";
            return new TurnCase(
                [Writer('a', first), Writer('b', second), Writer('c', third)],
                () => Assert.True(gone.Add(order)));
            Actor Writer(char name, int turns) => new(name.ToString(), () =>
            {
                order += turns > 0 ? name : "";
                return turns-- > 0;
            });
        }).Explore(int.MaxValue);
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
        Assert.Equal(orders, gone.Count);
    }

    [Fact]
    public void Of_turns_that_can_be_exchanged_one_order_is_gone()
    {
        // Two writers of words of their own, and one who reads both: what it sees is what tells the orders apart.
        HashSet<string> seen = [];
        Exploration result = new TurnExplorer(() =>
        {
            int a = 0;
            int b = 0;
            string read = "";
            return new TurnCase(
                [
                    Actor.Doing("a", touches: 1, () => ++a > 0, () => ++a > 0),
                    Actor.Doing("b", touches: 2, () => ++b > 0),
                    Actor.Doing("reader", touches: 3, () => (read += $"{a}{b} ") != "", () => (read += $"{a}{b}") != ""),
                ],
                () => Assert.True(seen.Add(read)));
        }).Explore(int.MaxValue);
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);

        // For both of its reads: a is 0, 1 or 2, b is 0 or 1, and neither goes back.
        Assert.Equal(6 * 3, seen.Count);
    }

    [Fact]
    public void Who_must_wait_acts_when_another_has_acted()
    {
        int orders = 0;
        Exploration result = new TurnExplorer(() =>
        {
            bool isReady = false;
            bool isDone = false;
            return new TurnCase(
                [
                    Actor.Doing("waits", touches: ~0, () => isReady && (isDone = true)),
                    Actor.Doing("other", touches: ~0, static () => true, () => isReady = true),
                ],
                () =>
                {
                    Assert.True(isDone);
                    orders++;
                });
        }).Explore(int.MaxValue);
        Assert.Null(result.Failure);
        Assert.Equal(1, orders);
    }

    [Fact]
    public void An_order_that_fails_is_told()
    {
        Exploration result = new TurnExplorer(() =>
        {
            int value = 0;
            return new TurnCase(
                [Actor.Doing("doubles", touches: ~0, () => (value *= 2) >= 0), Actor.Doing("adds", touches: ~0, () => ++value > 0)],
                () => Assert.Equal(1, value));
        }).Explore(int.MaxValue);
        Assert.Contains("adds", result.Failure);
        Assert.True(result.Failure!.IndexOf("adds", StringComparison.Ordinal) < result.Failure.LastIndexOf("doubles", StringComparison.Ordinal));
    }
}
