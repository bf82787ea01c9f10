using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;

namespace LanChat.Tests.Framing;

/// <summary>How long and with which numbers the random tests of this folder run.</summary>
/// <remarks>LANCHAT_TEST_LONG=1 runs them longer; LANCHAT_TEST_SEED=N repeats the run that printed N.</remarks>
internal static class FuzzRun
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";

    public static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_TEST_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : Random.Shared.Next();

    public static string HowToRepeat => $"repeat with LANCHAT_TEST_SEED={Seed}";

    /// <summary>Gets how properties are checked: a failure throws, with the shrunk case and (first number of the pair) the seed.</summary>
    public static Config Properties { get; } = Config.QuickThrowOnFailure
        .WithQuietOnSuccess(true)
        .WithMaxTest(IsLong ? 3000 : 200)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd((ulong)Seed), FSharpOption<int>.None)));
}
