using LanChat.Throughput;
using Xunit;

namespace LanChat.Tests.Throughput;

/// <summary>The throughput program's generator believes no server: whatever goes wrong with one message is a failure, and no figure.</summary>
public sealed class GeneratorTests
{
    private const int Receivers = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0, 8)]
    [InlineData(500, 0)]
    public async Task A_server_that_delivers_everything_in_order_gets_its_figures(int rate, int window)
    {
        (Sample? sample, string? failure) = await TalkAsync(Fault.None, rate, window, TimeSpan.FromSeconds(1));

        Assert.Null(failure);
        Assert.NotNull(sample);
        Assert.True(sample.Deliveries > 0);
        Assert.Equal(rate > 0, sample.P50 is not null);
    }

    [Theory]
    [InlineData(Fault.Drops, "lost or out of order")]
    [InlineData(Fault.Repeats, "twice or out of order")]
    [InlineData(Fault.Swaps, "lost or out of order")]
    [InlineData(Fault.Alters, "nobody has sent")]
    [InlineData(Fault.Misattributes, "another room")]
    [InlineData(Fault.Closes, "closed a connection")]
    [InlineData(Fault.FallsSilent, "messages are lost")]
    public async Task One_message_gone_wrong_is_a_failure_and_no_figure(Fault fault, string said)
    {
        // It ends with the failure; the time is only its bound.
        (Sample? sample, string? failure) = await TalkAsync(fault, rate: 0, window: 8, Deadline);

        Assert.Null(sample);
        Assert.Contains(said, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_lost_at_the_very_end_is_missed_too()
    {
        // Twenty-odd messages a second, of which the twentieth is swallowed with all that follow: they are due when the time is over.
        (Sample? sample, string? failure) = await TalkAsync(Fault.FallsSilent, rate: 25, window: 0, TimeSpan.FromSeconds(2));

        Assert.Null(sample);
        Assert.Contains("messages are lost", failure, StringComparison.Ordinal);
    }

    private static async Task<(Sample? Sample, string? Failure)> TalkAsync(Fault fault, int rate, int window, TimeSpan time)
    {
        using var deadline = new CancellationTokenSource(Deadline * 2);
        await using var server = new FaultyServer(fault, Receivers);
        return await Task.Factory.StartNew(
            () =>
            {
                using var crowd = new Crowd(server, server.Port, FaultyServer.MessageBytes, deadline.Token);
                var shape = new Case { Key = "test", Name = "test", Members = Receivers, Rate = rate, Window = window };
                var conversation = new Conversation(crowd, shape)
                {
                    StallTimeout = fault == Fault.FallsSilent ? TimeSpan.FromSeconds(0.5) : Deadline,
                };
                Sample? sample = conversation.Run(shape, TimeSpan.Zero, time, () => 0);
                return (sample, crowd.Failure);
            },
            deadline.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }
}
