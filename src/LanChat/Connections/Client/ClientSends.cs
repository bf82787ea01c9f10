using LanChat.Diagnostics;

namespace LanChat.Connections.Client;

/// <summary>Gives the ids of a session, by one from 1, holds what has no outcome yet, and hands each id exactly one outcome.</summary>
/// <remarks>
/// At most <c>window</c> ids are open and <see cref="MaxQueuedBytes"/> bytes wait for the socket; a send beyond either waits for its turn, first
/// come, first served, and has no id until then: cancelled while it waits, it was never sent. Drawing the id and queueing the frame are one step
/// under the Gate, so ids leave in order. Everything is guarded by the Gate but the waiting itself.
/// </remarks>
internal sealed class ClientSends
{
    // A few socket buffers: enough to keep the write loop busy, and a stalled server costs no more than this.
    private const long MaxQueuedBytes = 256 * 1024;

    private readonly ClientFlow _flow;
    private readonly ClientOutput _output;
    private readonly Dictionary<ulong, ClientSend> _open = [];
    private readonly LinkedList<ClientSend> _waiting = new();

    // Rooms whose open messages have to be sent again.
    private readonly HashSet<ClientRoom> _repeats = [];
    private ulong _lastId;
    private int _window;
    private int _maxTextBytes;
    private DisconnectReason? _ended;

    internal ClientSends(ClientFlow flow, ClientOutput output)
    {
        _flow = flow;
        _output = output;
    }

    internal int OpenCount => _open.Count;

    private bool MayWrite => _output.QueuedBytes < MaxQueuedBytes;

    private bool MayAdmit => _open.Count < _window && MayWrite;

    /// <summary>Sets what WELCOME said. Caller holds the Gate.</summary>
    internal void Begin(int window, int maxTextBytes)
    {
        _window = window;
        _maxTextBytes = maxTextBytes;
    }

    /// <summary>Sends for the app: an activity for whoever listens to those.</summary>
    internal ValueTask<SendResult> TraceSendAsync(ClientSend send, CancellationToken cancellationToken) =>
        Activities.TraceAsync(
            Activities.Send, (Sends: this, send, cancellationToken), static one => new ValueTask<SendResult>(one.Sends.SendAsync(one.send, one.cancellationToken)));

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

            if (_waiting.Count == 0 && MayAdmit)
            {
                Admit(send);
                _output.Flush();
                return send.Task;
            }

            _waiting.AddLast(send);
        }

        return WaitForTurnAsync(send, cancellationToken);
    }

    /// <summary>Sends what waits for its turn, as far as the window and the socket allow. Caller holds the Gate and flushes the output.</summary>
    internal void AdmitWaiting()
    {
        if (_ended is not null)
        {
            return;
        }

        if (_repeats.Count > 0 && MayWrite)
        {
            WriteRepeats();
        }

        while (_waiting.First is { } first && MayAdmit)
        {
            _waiting.RemoveFirst();
            if (Refusal(first.Value) is { } refusal)
            {
                first.Value.SetResult(refusal);
            }
            else
            {
                Admit(first.Value);
            }
        }
    }

    /// <summary>An own message came back in its room: that is its confirmation. Caller holds the Gate.</summary>
    internal void Confirm(ulong id, ClientRoom room, long sequence)
    {
        if (_open.TryGetValue(id, out ClientSend? send) && send.Room == room)
        {
            Close(send, SendResult.Accepted((long)id, sequence));
        }
    }

    /// <summary>An outcome by ACK. False when that id was never drawn. Caller holds the Gate.</summary>
    /// <remarks>An outcome for an id that has one is let pass: a message that was sent again is answered again.</remarks>
    internal bool Acknowledge(ulong id, long sequence)
    {
        if (_open.TryGetValue(id, out ClientSend? send))
        {
            Close(send, SendResult.Accepted((long)id, sequence));
        }

        return WasDrawn(id);
    }

    /// <summary>An outcome by REJECTED. False when that id was never drawn. Caller holds the Gate.</summary>
    internal bool Reject(ulong id, DisconnectReason reason, string text)
    {
        if (_open.TryGetValue(id, out ClientSend? send))
        {
            Close(send, SendResult.Rejected((long)id, reason, text));
        }

        return WasDrawn(id);
    }

    internal bool WasDrawn(ulong id) => id != 0 && id <= _lastId;

    /// <summary>Sends again, in order and under the same ids, what is open for a room whose entries were passed over: their
    /// confirmations may be among them. Caller holds the Gate and flushes the output.</summary>
    /// <remarks>Not before the socket has taken what waits for it, so that gap upon gap cannot pile up repeats here.</remarks>
    internal void Repeat(ClientRoom room)
    {
        _repeats.Add(room);
        AdmitWaiting();
    }

    /// <summary>Refuses what has not been sent, from now on; what has been sent stays open. Caller holds the Gate.</summary>
    internal void Stop(DisconnectReason reason)
    {
        _ended ??= reason;
        foreach (ClientSend send in _waiting)
        {
            send.SetResult(SendResult.Rejected(0, _ended.Value, ""));
        }

        _waiting.Clear();
    }

    /// <summary>Ends every open id as Unknown. Caller holds the Gate.</summary>
    internal void End(DisconnectReason reason)
    {
        Stop(reason);
        foreach (ClientSend send in _open.Values)
        {
            _flow.Answered();
            send.SetResult(SendResult.Unknown((long)send.Id, _ended!.Value));
        }

        _open.Clear();
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

    private SendResult? Refusal(ClientSend send)
    {
        if (_ended is { } reason)
        {
            return SendResult.Rejected(0, reason, "the connection has ended");
        }

        if (send.Room is { IsJoined: false })
        {
            return SendResult.Rejected(0, DisconnectReason.NotAMember, $"not a member of '{send.Room.Name}' any more");
        }

        return send.BodyBytes > _maxTextBytes
            ? SendResult.Rejected(0, DisconnectReason.BadText, $"{send.BodyBytes} bytes, and at most {_maxTextBytes} are taken")
            : null;
    }

    private void WriteRepeats()
    {
        foreach (ClientSend send in _open.Values.Where(open => open.Room is not null && _repeats.Contains(open.Room)).OrderBy(open => open.Id))
        {
            send.WriteTo(_output.Writer);
        }

        _repeats.Clear();
    }

    private void Admit(ClientSend send)
    {
        send.Id = ++_lastId;
        _open.Add(send.Id, send);
        _flow.Await();
        send.WriteTo(_output.Writer);
    }

    private void Close(ClientSend send, SendResult result)
    {
        _open.Remove(send.Id);
        _flow.Answered();
        send.SetResult(result);
        AdmitWaiting();
    }
}
