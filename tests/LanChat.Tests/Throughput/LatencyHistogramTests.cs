using LanChat.Throughput;
using Xunit;

namespace LanChat.Tests.Throughput;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void An_empty_histogram_has_no_quantiles() => Assert.Null(new LatencyHistogram().Quantile(0.5));

    [Fact]
    public void A_quantile_is_within_two_percent_at_every_size()
    {
        for (long value = 1; value < 1L << 62; value += 1 + (value / 7))
        {
            var histogram = new LatencyHistogram();
            histogram.Add(value);

            Assert.InRange(histogram.Quantile(0.99)!.Value, (value * 0.98) - 1, (value * 1.02) + 1);
        }
    }

    [Fact]
    public void Quantiles_are_those_of_the_sorted_values()
    {
        var histogram = new LatencyHistogram();
        for (int value = 1000; value > 0; value--)
        {
            histogram.Add(value * 1000);
        }

        Assert.InRange(histogram.Quantile(0.5)!.Value, 490_000, 510_000);
        Assert.InRange(histogram.Quantile(0.99)!.Value, 970_000, 1_010_000);
        Assert.InRange(histogram.Quantile(1)!.Value, 980_000, 1_020_000);
    }

    [Fact]
    public void A_time_before_its_message_counts_as_nothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(-5);

        Assert.InRange(histogram.Quantile(1)!.Value, 0, 1);
    }
}
