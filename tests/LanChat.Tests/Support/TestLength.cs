using System.Globalization;

namespace LanChat.Tests.Support;

/// <summary>How long random tests go on, and from which seed: <c>LANCHAT_TEST_LONG=1</c> for the long form, <c>LANCHAT_TEST_SEED=N</c> to repeat one run.</summary>
internal static class TestLength
{
    internal static bool IsLong { get; } = Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1";

    /// <summary>Gets the seed to use instead of a default one.</summary>
    internal static int Seed(int seed) =>
        int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_TEST_SEED"), CultureInfo.InvariantCulture, out int given) ? given : seed;

    /// <summary>Gets how large a test is to be: what an environment variable says, else its long form where that is asked for, else its usual one.</summary>
    internal static int Size(string variable, int usual, int longer) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int given) ? given : IsLong ? longer : usual;
}
