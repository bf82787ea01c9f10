namespace LanChat.Connections.Client;

/// <content>The beginning of a send: at once, or in a queue until its turn comes, it is cancelled, or it cannot be sent any more.</content>
internal sealed partial class ClientSends
{
    internal Task<SendResult> SendAsync(ClientSend send, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<SendResult>(cancellationToken);
        }

        lock (_flow.Gate)
        {
            if (Refusal(send) is { } refusal)
            {
                return Task.FromResult(refusal);
            }

            if (_waiting.Count == 0 && MayAdmit(send))
            {
                Admit(send);
                _output!.Flush();
                return send.Task;
            }

            if (_waiting.Count >= _maxWaiting)
            {
                return Task.FromResult(SendResult.Rejected(0, DisconnectReason.TooFast, $"{_maxWaiting} messages wait for their turn already: wait for some of them first"));
            }

            _waiting.AddLast(send);
        }

        return WaitForTurnAsync(send, cancellationToken);
    }

    /// <summary>A room is over: what waits to be sent to it will not be. Caller holds the Gate.</summary>
    internal void RefuseWaiting(ClientRoom room)
    {
        foreach (ClientSend send in _waiting.Where(send => send.Room == room).ToArray())
        {
            _waiting.Remove(send);
            send.SetResult(Refusal(send)!.Value);
        }
    }

    private async Task<SendResult> WaitForTurnAsync(ClientSend send, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                (ClientSends sends, ClientSend send) = ((ClientSends, ClientSend))state!;
                sends.GiveUp(send, token);
            },
            (this, send));
        return await send.Task.ConfigureAwait(false);
    }

    private void GiveUp(ClientSend send, CancellationToken cancellationToken)
    {
        lock (_flow.Gate)
        {
            // Not there any more: it has its id, and with that its outcome to come. Cancelling cannot take a message back.
            if (_waiting.Remove(send))
            {
                send.SetCanceled(cancellationToken);
            }
        }
    }
}
