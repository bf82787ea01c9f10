namespace LanChat.Samples;

/// <summary>Puts losing the server and finding it again into words.</summary>
internal static class Contact
{
    /// <summary>Gets the sentence for a client that is not connected; null for one that is, or is over.</summary>
    internal static string? Describe(ChatStateChange change) => change switch
    {
        { State: not ChatState.Reconnecting } => null,
        { Attempt: <= 1 } => $"{Ending.Describe(change.Reason)}; connecting again",
        _ => $"no contact ({Ending.Describe(change.Reason)}); attempt {change.Attempt} in {Math.Ceiling(change.Delay.TotalSeconds):0} s",
    };

    /// <summary>Says on standard error that the server was lost and found again, until it is over; or until it stops, which is for a person to wait for, not for a program. Then gives that.</summary>
    internal static async Task<ChatStateChange?> ReportAsync(ChatClient client)
    {
        bool isLost = false;
        await foreach (ChatStateChange change in client.ReadStatesAsync())
        {
            if (change is { State: ChatState.Reconnecting, Reason: DisconnectReason.ServerStopping })
            {
                return change;
            }

            if (change.State == (isLost ? ChatState.Connected : ChatState.Reconnecting))
            {
                isLost = !isLost;
                await ConsoleLines.Errors.WriteLineAsync(isLost ? Describe(change) : "connected again");
            }
        }

        return null;
    }
}
