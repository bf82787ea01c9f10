using System.Globalization;

namespace LanChat.Tests.Support;

/// <summary>How long random tests go on, and from which seed: <c>LANCHAT_TEST_LONG=1</c> for the long form, <c>LANCHAT_TEST_SEED=N</c> to repeat one run.</summary>
internal static class TestLength
{
    internal static bool IsLong { get; } = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";

    /// <summary>Gets the seed to use instead of a default one.</summary>
    internal static int Seed(int seed) =>
        int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_TEST_SEED"), CultureInfo.InvariantCulture, out int given) ? given : seed;
}
