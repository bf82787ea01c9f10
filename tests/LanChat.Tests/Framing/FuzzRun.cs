using System.Globalization;

namespace LanChat.Tests.Framing;

/// <summary>How long and with which numbers the random tests of this folder run.</summary>
/// <remarks>LANCHAT_TEST_LONG=1 runs them longer; LANCHAT_TEST_SEED=N repeats the run that printed N.</remarks>
internal static class FuzzRun
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";

    public static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_TEST_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : Random.Shared.Next();

    public static string HowToRepeat => $"repeat with LANCHAT_TEST_SEED={Seed}";
}
