using System.Globalization;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Fuzzing;

/// <summary>Holds code that reads a stranger's bytes against a law, input after input.</summary>
/// <remarks>
/// <para>20,000 inputs for each reader by default, 1,000,000 with <c>LANCHAT_TEST_LONG=1</c>, or as many as <c>LANCHAT_FUZZ_INPUTS</c> says. The seed is another one each time. A failure prints it,
/// with the number and the bytes of the input; it alone is made again, and the debugger may look, by</para>
/// <code>LANCHAT_TEST_SEED=s LANCHAT_FUZZ_INPUT=n dotnet test tests/LanChat.Tests --filter-method "*the test's name"</code>
/// </remarks>
internal static class Fuzz
{
    /// <summary>No number: the law allocates by itself, or what it looks at may.</summary>
    internal const long AnyAllocation = long.MaxValue;

    // The first inputs run code that is still being compiled and set up.
    private const int WarmUp = 2_000;
    private const int MaxPrintedBytes = 4096;

    private static readonly int Seed = TestLength.Seed(Random.Shared.Next());

    /// <summary>Gives one input to the code: null when the law holds, else what is wrong. What it throws is wrong, too.</summary>
    internal delegate string? Law(ReadOnlySpan<byte> input);

    /// <summary>Gets how many inputs there are for each reader.</summary>
    private static int Inputs { get; } = TestLength.Size("LANCHAT_FUZZ_INPUTS", usual: 20_000, longer: 1_000_000);

    /// <summary>Checks a law.</summary>
    /// <param name="corpus">What the inputs are made of.</param>
    /// <param name="law">The law.</param>
    /// <param name="maxAllocatedBytes">How much one input may have allocated.</param>
    internal static void Check(Corpus corpus, Law law, long maxAllocatedBytes = 0)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        byte[] input = new byte[corpus.MaxBytes];
        if (int.TryParse(Environment.GetEnvironmentVariable("LANCHAT_FUZZ_INPUT"), CultureInfo.InvariantCulture, out int only))
        {
            CheckOne(corpus, law, AnyAllocation, input, only);
            return;
        }

        for (int number = 0; number < Inputs; number++)
        {
            CheckOne(corpus, law, number < WarmUp ? AnyAllocation : maxAllocatedBytes, input, number);
        }
    }

    private static void CheckOne(Corpus corpus, Law law, long maxAllocatedBytes, byte[] input, int number)
    {
        int length = corpus.Make(new FuzzRandom(((ulong)Seed << 32) + (ulong)number), input);
        string? complaint;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            complaint = law(input.AsSpan(0, length));
        }
        catch (Exception exception)
        {
            complaint = $"threw {exception}";
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (complaint is null && allocated > maxAllocatedBytes)
        {
            // Once may be the collector's doing.
            long least = Allocations.LeastOf(() => law(input.AsSpan(0, length)));
            complaint = least > maxAllocatedBytes ? $"allocated {least} bytes; {maxAllocatedBytes} are allowed" : null;
        }

        if (complaint is not null)
        {
            Assert.Fail(
                $"{complaint}\nThe input: {length} bytes, {Convert.ToHexString(input, 0, Math.Min(length, MaxPrintedBytes))}\n"
                + $"Repeat it with LANCHAT_TEST_SEED={Seed} LANCHAT_FUZZ_INPUT={number}");
        }
    }
}
