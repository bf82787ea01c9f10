namespace LanChat;

/// <summary>One step in a client's life, as <see cref="ChatClient.ReadStatesAsync"/> tells it.</summary>
public sealed record ChatStateChange
{
    /// <summary>Gets the stage that was reached.</summary>
    public ChatState State { get; init; }

    /// <summary>Gets why: of the loss or the failed attempt while <see cref="ChatState.Reconnecting"/>, of the end when <see cref="ChatState.Stopping"/> or <see cref="ChatState.Ended"/>.
    /// Without meaning otherwise.</summary>
    public DisconnectReason Reason { get; init; }

    /// <summary>Gets the same in words; empty where there is nothing to say. Safe to print.</summary>
    public string Text { get; init; } = "";

    /// <summary>Gets which attempt to come back is next, from 1 after each loss; 0 when there is none, or the loss has only just been seen.</summary>
    public int Attempt { get; init; }

    /// <summary>Gets how long it is until that attempt.</summary>
    public TimeSpan Delay { get; init; }
}
