using Xunit;

namespace LanChat.Tests.Faults;

/// <summary>The laws see what is wrong: each of these bugs, put into real runs on purpose, is found, and by its own law.</summary>
[Collection(FaultRuns.Name)]
public sealed class SeededBugTests
{
    // Not every run gives a bug the chance to strike.
    private const int MostRuns = 100;

    public static TheoryData<string> Bugs => [.. All().Select(bug => bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_seeded_bug_is_found_by_its_law(string name)
    {
        for (int seed = 1; seed <= MostRuns; seed++)
        {
            SeededBug bug = All().Single(bug => bug.ToString() == name);
            FaultRunException? failure = Record.Exception(new FaultRun(seed, bug).Execute) as FaultRunException;
            if (failure is not null)
            {
                Assert.True(failure.Law == bug.Law, $"{name} was found by {failure.Law}, not by {bug.Law}: {failure.Message}");
                return;
            }
        }

        Assert.Fail($"{name} was not found in {MostRuns} runs.");
    }

    private static IEnumerable<SeededBug> All() =>
    [
        new PublishesTwice(),
        new LosesMessages(),
        new LosesRepeatedOutcomes(),
        new ForgetsSessions(),
        new SwapsEntries(),
        new HidesMessages(),
        new ConfirmsTheRefused(),
        new RefusesThePublished(),
        new SaysTooMuchIsHistory(),
        new ListsAGhost(),
        new RepeatsFrames(),
        new KeepsACursor(),
    ];
}

/// <summary>The runs use all processors, so nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultRuns
{
    internal const string Name = "fault runs";
}
