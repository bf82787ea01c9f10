using LanChat.Datagrams;
using LanChat.Diagnostics;

namespace LanChat.Connections.Client;

/// <summary>Sends the app's messages and commands, each under an id of the session (<see cref="OpenSends"/>), and hands each id exactly one outcome.</summary>
/// <remarks>
/// <para>At most <see cref="ChatClientOptions.MaxOpenSends"/> ids are open, none is as far as the server's window above the oldest open one (the server could not answer a repeat of that
/// any more), and <see cref="MaxQueuedBytes"/> bytes wait for the socket. A send beyond any of these waits for its turn, first come, first served, and has no id until then: cancelled while it
/// waits, it was never sent. Drawing the id and queueing the frame are one step under the Gate, so ids leave in order.</para>
/// <para>A connection that is lost closes no id. The next one, when its rooms are joined, sends every open id again, in order, before anything new; if the server does not know the
/// session any more, the open ids end as Unknown instead, and ids start over.</para>
/// <para>Everything is guarded by the Gate but the waiting itself, which is in <c>ClientSends.Waiting.cs</c>. What goes by UDP is in <c>ClientSends.Datagrams.cs</c>.</para>
/// </remarks>
internal sealed partial class ClientSends
{
    // A few socket buffers: enough to keep the write loop busy, and a stalled server costs no more than this.
    private const long MaxQueuedBytes = 256 * 1024;

    private readonly ClientFlow _flow;
    private readonly int _maxOpen;
    private readonly int _maxWaiting;
    private readonly OpenSends _open = new();
    private readonly LinkedList<ClientSend> _waiting = new();

    // Rooms whose open messages have to be sent again.
    private readonly HashSet<ClientRoom> _repeats = [];

    // What was open when the last connection was lost, in order, as far as this one has not sent it again.
    private readonly Queue<ClientSend> _again = [];

    // Of the present connection; null where it has none.
    private ClientDatagrams? _datagrams;

    // Null from the loss of a connection until the next one has joined its rooms: nothing is written meanwhile.
    private ClientOutput? _output;

    // The output of a connection whose rooms are being joined.
    private ClientOutput? _nextOutput;
    private ushort _window;
    private int _maxTextBytes = int.MaxValue;
    private DisconnectReason? _ended;

    internal ClientSends(ClientFlow flow, ChatClientOptions options)
    {
        _flow = flow;
        _maxOpen = options.MaxOpenSends;
        _maxWaiting = options.MaxWaitingSends;
    }

    internal int OpenCount => _open.Count;

    /// <summary>Gets whether this connection has sent everything again that was open when it began.</summary>
    internal bool HasCaughtUp => _output is not null && _again.Count == 0;

    /// <summary>Gets or sets what is called each time when that may have come about: what has to go after those ids can go now.</summary>
    internal Action CaughtUp { get; set; } = static () => { };

    private bool MayWrite => _output is { QueuedBytes: < MaxQueuedBytes };


    /// <summary>Says whether a server that resumes the session can have received ids up to this one, and no more. Caller holds the Gate.</summary>
    internal bool CanHaveReceived(ulong lastId) => _open.CanHaveReceived(lastId);

    /// <summary>Sets what WELCOME said. Nothing is sent before <see cref="Release"/>. Caller holds the Gate.</summary>
    internal void Begin(ClientOutput output, ClientDatagrams? datagrams, ushort window, int maxTextBytes)
    {
        _nextOutput = output;
        _datagrams = datagrams;
        _window = window;
        _maxTextBytes = maxTextBytes;
    }

    /// <summary>The rooms are joined: sends what is open again, then what waits. Caller holds the Gate and flushes the output.</summary>
    internal void Release()
    {
        _output = _nextOutput;
        foreach (ClientSend send in _open.InOrder)
        {
            _again.Enqueue(send);
        }

        AdmitWaiting();
    }

    /// <summary>The connection is lost. What is open stays so. Caller holds the Gate.</summary>
    internal void OnLost()
    {
        _output = null;
        _nextOutput = null;
        _datagrams = null;
        _again.Clear();
        _repeats.Clear();
    }

    /// <summary>The server does not know the session any more: what became of the open ids is unknown, and ids start over. Caller holds the Gate.</summary>
    internal void StartOver(DisconnectReason reason)
    {
        foreach (ClientSend send in _open.TakeAll())
        {
            _flow.Answered();
            send.SetResult(SendResult.Unknown((long)send.Id, reason));
        }
    }

    /// <summary>Sends for the app: an activity for whoever listens to those.</summary>
    internal ValueTask<SendResult> TraceSendAsync(ClientSend send, CancellationToken cancellationToken) =>
        Activities.TraceAsync(
            Activities.Send, (Sends: this, send, cancellationToken), static one => new ValueTask<SendResult>(one.Sends.SendAsync(one.send, one.cancellationToken)));

    /// <summary>Sends what waits for its turn, as far as the window and the socket allow. Caller holds the Gate and flushes the output.</summary>
    internal void AdmitWaiting()
    {
        if (_ended is not null)
        {
            return;
        }

        while (MayWrite && _again.TryDequeue(out ClientSend? again))
        {
            if (_open.Contains(again))
            {
                WriteByTcp(again);
            }
        }

        if (HasCaughtUp)
        {
            CaughtUp();
        }

        // Not before: a repeat is only of what this connection has sent, or the ids would not come in order.
        if (_repeats.Count > 0 && _again.Count == 0 && MayWrite)
        {
            WriteRepeats();
        }

        while (_waiting.First is { } first && MayAdmit(first.Value))
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
        if (_open.TryGet(id, out ClientSend? send) && send.Room == room)
        {
            Close(send, SendResult.Accepted((long)id, sequence));
        }
    }

    /// <summary>An outcome by ACK. False when that id was never drawn. Caller holds the Gate.</summary>
    /// <remarks>An outcome for an id that has one is let pass: a message that was sent again is answered again.</remarks>
    internal bool Acknowledge(ulong id, long sequence)
    {
        if (_open.TryGet(id, out ClientSend? send))
        {
            Close(send, SendResult.Accepted((long)id, sequence));
        }

        return WasDrawn(id);
    }

    /// <summary>An outcome by RESULT. False when there was no command of that id. Caller holds the Gate.</summary>
    internal bool CarryOut(ulong id, string text)
    {
        if (_open.TryGet(id, out ClientSend? send))
        {
            if (!send.IsCommand)
            {
                return false;
            }

            Close(send, SendResult.Carried((long)id, text));
        }

        return WasDrawn(id);
    }

    /// <summary>An outcome by REJECTED. False when that id was never drawn. Caller holds the Gate.</summary>
    internal bool Reject(ulong id, DisconnectReason reason, string text)
    {
        if (_open.TryGet(id, out ClientSend? send))
        {
            Close(send, SendResult.Rejected((long)id, reason, text));
        }

        return WasDrawn(id);
    }

    internal bool WasDrawn(ulong id) => _open.WasDrawn(id);

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

        // The server drops datagrams from our BYE on.
        BringToTcp();
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
        StartOver(_ended!.Value);
    }

    private SendResult? Refusal(ClientSend send)
    {
        if (_ended is { } reason)
        {
            return SendResult.Rejected(0, reason, "the connection has ended");
        }

        if (send.Room is { IsMember: false })
        {
            return SendResult.Rejected(0, DisconnectReason.NotAMember, $"not a member of '{send.Room.Name}' any more");
        }

        return send.BodyBytes > _maxTextBytes
            ? SendResult.Rejected(0, DisconnectReason.BadText, $"{send.BodyBytes} bytes, and at most {_maxTextBytes} are taken")
            : null;
    }

    private void WriteRepeats()
    {
        foreach (ClientSend send in _open.InOrder.Where(open => open.Room is not null && _repeats.Contains(open.Room)))
        {
            WriteByTcp(send);
        }

        _repeats.Clear();
    }

    private bool MayAdmit(ClientSend send) => _open.Count < _maxOpen && _open.Span < _window && _again.Count == 0 && MayWrite
        && _datagrams is not { IsBusy: true } && (_open.Count == 0 || !GoesByUdp(send));

    private void Admit(ClientSend send)
    {
        bool goesByUdp = _open.Count == 0 && GoesByUdp(send);
        _open.Draw(send);
        _flow.Await();
        if (!(goesByUdp && _datagrams!.TrySend(send)))
        {
            WriteByTcp(send);
        }
    }

    private void Close(ClientSend send, SendResult result)
    {
        _open.Close(send);
        _datagrams?.Settle(send);
        _flow.Answered();
        send.SetResult(result);
        AdmitWaiting();
    }
}
