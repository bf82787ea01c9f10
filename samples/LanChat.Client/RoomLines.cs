namespace LanChat.Samples;

/// <summary>Prints what is received, one line per event, with <c>ok N</c> in the place of each own message.</summary>
/// <remarks>Of the history, only what was said is of interest, and one's own coming, which ends it; comings and goings from before are not. What is caught up after contact was lost is no
/// history.</remarks>
internal sealed class RoomLines(ChatClient client, ChatRoom room, TextWriter output)
{
    private readonly Confirmations _confirmations = new();

    /// <summary>Prints the room's events until it is over.</summary>
    internal async Task PrintRoomAsync()
    {
        try
        {
            await foreach (RoomEvent roomEvent in room.ReadAllAsync())
            {
                if (roomEvent is MessageReceived { IsOwn: true } own)
                {
                    await ConfirmAsync(own);
                }
                else if (!roomEvent.IsReplay || roomEvent is MessageReceived or Notice || roomEvent.Sequence >= room.JoinedSequence)
                {
                    await output.WriteLineAsync(roomEvent.ToText());
                }

                if (roomEvent is Reset)
                {
                    _confirmations.StartOver();
                }
                else
                {
                    _confirmations.Pass(roomEvent is Gap gap ? gap.To : roomEvent.Sequence);
                }
            }
        }
        finally
        {
            // Also when the output fails: the sender must not wait for what nobody will print.
            _confirmations.End();
        }
    }

    /// <summary>Prints what is said to this client alone.</summary>
    internal async Task PrintDirectAsync()
    {
        await foreach (RoomEvent roomEvent in client.ReadDirectAsync())
        {
            // The room says it already.
            if (roomEvent is Resumed or Reset)
            {
                continue;
            }

            await output.WriteLineAsync(roomEvent.ToText());
        }
    }

    /// <summary>Waits until an own message, which the room has, is confirmed on the output.</summary>
    internal async Task ConfirmAsync(SendResult sent)
    {
        if (await _confirmations.IsMissingAsync(sent.Id, sent.Sequence))
        {
            // It fell into a gap: output that is read too slowly. It is in the room all the same.
            await output.WriteLineAsync($"ok {sent.Sequence}");
        }
    }

    private async Task ConfirmAsync(MessageReceived own)
    {
        if (_confirmations.TryPrint(own.Id, own.Sequence))
        {
            await output.WriteLineAsync($"ok {own.Sequence}");
        }
    }
}
