using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Broadcast;

/// <summary>Small cases of everything that races in the log, run in every order of their steps.</summary>
public sealed class EveryInterleavingTests(ITestOutputHelper output)
{
    private const int Small = InterleavedLog.Small;
    private const int Large = InterleavedLog.Large;

    [Fact]
    public void Two_publishers_seal_and_help() => ExploreAll(2, scheduler =>
    {
        InterleavedLog log = new(scheduler);
        VerifyingReader a = log.AddReader();
        VerifyingReader b = log.AddReader();
        return new InterleavingCase([() => Publish(a, Small, Large), () => Publish(b, Small, Small)], () => log.Check(4));
    });

    [Fact]
    public void Three_publishers_meet_at_one_seal() => ExploreAll(3, scheduler =>
    {
        InterleavedLog log = new(scheduler);
        VerifyingReader[] readers = [log.AddReader(), log.AddReader(), log.AddReader()];
        return new InterleavingCase([.. readers.Select(reader => (Action)(() => Publish(reader, Small)))], () => log.Check(3));
    });

    private static void Publish(VerifyingReader reader, params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
        {
            Assert.True(PatternedEntries.TryAppend(reader.Cursor, size));
        }
    }

    private Exploration ExploreAll(int threads, Func<InterleavingScheduler, InterleavingCase> makeCase)
    {
        using InterleavingScheduler scheduler = new(threads);
        long started = Environment.TickCount64;
        Exploration result = scheduler.Explore(() => makeCase(scheduler), 200_000);
        output.WriteLine($"{result} in {Environment.TickCount64 - started} ms");
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
        return result;
    }
}
