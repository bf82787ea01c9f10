using LanChat.Samples;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>The piped client says <c>ok N</c> once for each own message, whichever of its two tasks comes first, and whatever lies between.</summary>
public sealed class ConfirmationsTests
{
    private readonly Confirmations _confirmations = new();

    [Fact]
    public async Task An_event_that_comes_is_printed_in_its_place_and_the_sender_waits_for_that()
    {
        Task<bool> isMissing = _confirmations.IsMissingAsync(1, 5);
        _confirmations.Pass(4);
        Assert.False(isMissing.IsCompleted);
        Assert.True(_confirmations.TryPrint(1, 5));
        Assert.False(isMissing.IsCompleted);
        _confirmations.Pass(5);
        Assert.False(await isMissing);

        Assert.True(_confirmations.TryPrint(2, 6));
        _confirmations.Pass(6);
        Assert.False(await _confirmations.IsMissingAsync(2, 6));
    }

    [Fact]
    public async Task One_that_fell_into_a_gap_is_the_senders()
    {
        Task<bool> isMissing = _confirmations.IsMissingAsync(1, 5);
        _confirmations.Pass(9);
        Assert.True(await isMissing);
    }

    [Fact]
    public async Task One_that_was_printed_before_a_reset_is_not_printed_again()
    {
        Assert.True(_confirmations.TryPrint(1, 5));
        _confirmations.Pass(5);
        _confirmations.StartOver();
        Assert.False(await _confirmations.IsMissingAsync(1, 5));
    }

    [Fact]
    public async Task One_that_fell_into_a_gap_before_a_reset_does_not_wait_for_the_new_log_to_get_as_far()
    {
        _confirmations.Pass(9);
        _confirmations.StartOver();
        Assert.True(await _confirmations.IsMissingAsync(1, 5));

        // The same numbers in the new log are another message.
        Task<bool> isMissing = _confirmations.IsMissingAsync(1, 6);
        Assert.False(isMissing.IsCompleted);
        Assert.True(_confirmations.TryPrint(1, 6));
        _confirmations.Pass(6);
        Assert.False(await isMissing);
    }

    [Fact]
    public async Task The_first_one_after_a_reset_is_printed_once_though_the_sender_is_ahead()
    {
        _confirmations.StartOver();
        Assert.True(await _confirmations.IsMissingAsync(1, 2));
        Assert.False(_confirmations.TryPrint(1, 2));
        _confirmations.Pass(2);
        Assert.True(_confirmations.TryPrint(2, 3));
        _confirmations.Pass(3);
        Assert.False(await _confirmations.IsMissingAsync(2, 3));
    }

    [Fact]
    public async Task At_the_end_nobody_waits()
    {
        Task<bool> isMissing = _confirmations.IsMissingAsync(1, 5);
        _confirmations.End();
        Assert.True(await isMissing);
    }
}
