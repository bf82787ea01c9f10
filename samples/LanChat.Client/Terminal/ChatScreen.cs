using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>The chat on the screen: one loop that takes up keys, events and results in the order in which they come, and draws after each batch.</summary>
internal sealed class ChatScreen
{
    // How many inputs one drawing may cover: enough that a flood costs few drawings, few enough that keys are seen at once.
    private const int MaxInputsPerUpdate = 64;

    // What the server takes by default.
    private const int MaxMessageBytes = 4096;

    private readonly Display _display;
    private readonly ChatClient _client;
    private readonly Channel<ScreenInput> _inputs;
    private readonly string _link;
    private readonly EventLines _eventLines;
    private readonly Outbox _outbox;
    private readonly LineEditor _editor;
    private readonly WaitingMessages _waiting = new();
    private readonly Attention _attention = new();
    private readonly List<Task> _pumps = [];
    private Rooms _rooms = null!;
    private ChatCommands _commands = null!;
    private CancellationToken _stopping;
    private bool _isLeaving;
    private bool _isOver;
    private RoomView? _lastRoom;

    internal ChatScreen(Display display, ChatClient client, Channel<ScreenInput> inputs, string link)
    {
        _display = display;
        _client = client;
        _inputs = inputs;
        _link = link;
        _eventLines = new EventLines(display.Painter);
        _outbox = new Outbox(client, inputs.Writer);
        _editor = new LineEditor(MaxMessageBytes, (text, cursor) => Completion.Of(text, cursor, [.. _rooms.Current.Room.Members.Where(name => name != client.Name)], _rooms.Names));
    }

    /// <summary>Talks until the user leaves, which gives null, or the connection ends, which gives the sentence that says why.</summary>
    internal async Task<string?> RunAsync(ChatRoom room, IReadOnlyList<Key> typedAhead, CancellationToken cancelled)
    {
        var first = new RoomView(room);
        _rooms = new Rooms(first);
        _commands = new ChatCommands(_display, _client, _rooms, _inputs.Writer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        _stopping = stop.Token;
        try
        {
            Start(ReadRoomAsync(first, stop.Token));
            Start(ReadDirectAsync(stop.Token));
            Start(_outbox.RunAsync(stop.Token));
            await TakeAsync(new KeysPressed(typedAhead.Count > 0 ? typedAhead : [new Key(KeyKind.End)]));
            do
            {
                Draw();
                await _inputs.Reader.WaitToReadAsync(cancelled);
                for (int taken = 0; taken < MaxInputsPerUpdate && !_isOver && _inputs.Reader.TryRead(out ScreenInput? input); taken++)
                {
                    await TakeAsync(input);
                }
            }
            while (!_isOver);
        }
        finally
        {
            await stop.CancelAsync();
            await _client.StopAsync(CancellationToken.None);
            await Task.WhenAll(_pumps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (OwnMessage message in _waiting.TakeAll())
            {
                _display.Print(_eventLines.Settled(message, SendResult.Unknown(0, DisconnectReason.Aborted), _client.Name));
            }
        }

        return _lastRoom is null ? null : Ending.Explain(await _client.Completion, _client.DisconnectText, _lastRoom.Room);
    }

    private async Task TakeAsync(ScreenInput input)
    {
        switch (input)
        {
            case KeysPressed { Keys.Count: 0 }:
                _isOver = true;
                break;
            case KeysPressed { Keys: var keys }:
                foreach (Key key in keys)
                {
                    await PressAsync(key);
                }

                break;
            case RoomHappened { View: var view, Event: var roomEvent }:
                Happen(view, roomEvent);
                break;
            case RoomOver { View: var view }:
                End(view);
                break;
            case DirectHappened { Event: var roomEvent }:
                MarkNew(roomEvent);
                _display.Print(_eventLines.Of(roomEvent));
                break;
            case RoomJoined { Room: null, Error: var error }:
                _display.Print($"? {EventLines.Continued(error)}", _display.Painter.Bad);
                break;
            case RoomJoined { Room: { } room }:
                Show(_rooms.Find(room) ?? NewView(room));
                break;
            case MessageSettled { Message: var message, Result: var result }:
                Settle(message, result);
                break;
        }
    }

    private async Task PressAsync(Key key)
    {
        _attention.Press(key.Kind);
        switch (key.Kind)
        {
            case KeyKind.Interrupt when _editor.Text.Length > 0:
                _editor.Discard();
                break;
            case KeyKind.Interrupt:
            case KeyKind.EndOfInput when _editor.Text.Length == 0:
                Leave();
                break;
            case KeyKind.EndOfInput:
                _editor.Apply(new Key(KeyKind.Delete));
                break;
            case KeyKind.ClearScreen:
                _display.Clear();
                break;
            case KeyKind.Suspend:
                await _display.SuspendAsync();
                break;
            default:
                Edit(key);
                break;
        }
    }

    private void Edit(Key key)
    {
        switch (_editor.Apply(key))
        {
            case EditResult.Submitted when _editor.Text.Trim() is "exit" or "/quit":
                _editor.Take();
                Leave();
                break;
            case EditResult.Submitted when _editor.Text.StartsWith('/'):
                if (_commands.Run(_editor.Take()) is { } direct)
                {
                    Send(direct);
                }

                break;
            case EditResult.Submitted when _editor.Text.Length > 0:
                Send(new OwnMessage(_editor.Take(), _rooms.Current, member: ""));
                break;
            case EditResult.Full:
                _display.Print($"? a message holds {MaxMessageBytes} bytes; the rest was not taken", _display.Painter.Bad);
                break;
        }
    }

    private void Send(OwnMessage message)
    {
        if (_outbox.TryPost(message))
        {
            _waiting.Add(message);
        }
        else
        {
            _editor.Remember(message.Text);
            _display.Print($"? {Outbox.Capacity} messages wait already: wait, then take this one back with the up arrow", _display.Painter.Bad);
        }
    }

    private void Leave()
    {
        // What was typed is sent; who does not want to wait for that asks again.
        _isOver = _isLeaving || _waiting.Count == 0;
        _isLeaving = true;
    }

    private void Happen(RoomView view, RoomEvent roomEvent)
    {
        view.Pass(roomEvent);
        bool isOwn = roomEvent is MessageReceived { IsOwn: true, IsReplay: false };
        if (isOwn)
        {
            _waiting.Confirm(view);
        }

        if (view.IsShown(roomEvent))
        {
            if (view == _rooms.Current)
            {
                MarkNew(roomEvent);
                _display.Print(_eventLines.Of(roomEvent));
            }
            else
            {
                view.Keep(roomEvent);
            }
        }

        PrintPassed(view);
        _isOver |= _isLeaving && _waiting.Count == 0;
    }

    private void Settle(OwnMessage message, SendResult result)
    {
        if (result.Outcome == SendOutcome.Accepted && message.Room is { } room)
        {
            message.Sequence = result.Sequence;
            PrintPassed(room);
        }
        else if (_waiting.Remove(message))
        {
            _display.Print(_eventLines.Settled(message, result, _client.Name));
            if (result.Outcome == SendOutcome.Rejected)
            {
                _editor.Remember(message.Text);
            }
        }

        _isOver |= _isLeaving && _waiting.Count == 0;
    }

    private void PrintPassed(RoomView view)
    {
        foreach (OwnMessage message in _waiting.TakePassed(view))
        {
            _display.Print(_eventLines.Settled(message, SendResult.Accepted(0, message.Sequence), _client.Name));
        }
    }

    private void MarkNew(RoomEvent roomEvent)
    {
        if (_attention.IsNew(roomEvent))
        {
            _display.Print("── new ──", _display.Painter.Accent);
        }
    }

    private RoomView NewView(ChatRoom room)
    {
        var view = new RoomView(room);
        Start(ReadRoomAsync(view, _stopping));
        return view;
    }

    private void Show(RoomView view)
    {
        if (view == _rooms.Current)
        {
            return;
        }

        _rooms.Show(view);
        _display.Print($"── {view.Name} ──", _display.Painter.Bold);
        int unread = view.Unread;
        foreach (RoomEvent missed in view.TakeMissed())
        {
            if (unread > 0 && RoomView.IsUnread(missed))
            {
                _display.Print($"── {unread} new ──", _display.Painter.Accent);
                unread = 0;
            }

            _display.Print(_eventLines.Of(missed));
        }
    }

    private void End(RoomView view)
    {
        _lastRoom = view;
        if (!_rooms.Remove(view))
        {
            _isOver = true;
            return;
        }

        if (_client.State == ChatState.Connected)
        {
            _display.Print($"* {Ending.Explain(DisconnectReason.Goodbye, "", view.Room)}", _display.Painter.Bad);
        }

        if (view == _rooms.Current)
        {
            Show(_rooms.All[0]);
        }
    }

    private void Draw()
    {
        if (_isOver)
        {
            return;
        }

        RoomView current = _rooms.Current;
        string unread = string.Join(' ', new[] { _attention.Unread, _rooms.Unread() }.Where(part => part.Length > 0));
        string state = _isLeaving ? "sending what is left; Ctrl-C leaves at once" : _link.Length > 0 ? $"{_client.ServerName} · {_link}" : _client.ServerName;
        var prompt = new StyledLine(new StyledRun(_client.Name, _display.Painter.Name(_client.Name)), new StyledRun("> "));
        _display.Update(
            _waiting.Lines(_display.Painter),
            size => StatusLine.Of(_display.Painter, size.Columns, current.Name, current.Room.MemberCount, unread, state),
            prompt,
            _editor);
    }

    private void Start(Task pump) => _pumps.Add(pump);

    private async Task ReadRoomAsync(RoomView view, CancellationToken stop)
    {
        await foreach (RoomEvent roomEvent in view.Room.ReadAllAsync(CancellationToken.None))
        {
            await _inputs.Writer.WriteAsync(new RoomHappened(view, roomEvent), stop);
        }

        await _inputs.Writer.WriteAsync(new RoomOver(view), stop);
    }

    private async Task ReadDirectAsync(CancellationToken stop)
    {
        await foreach (RoomEvent roomEvent in _client.ReadDirectAsync(CancellationToken.None))
        {
            await _inputs.Writer.WriteAsync(new DirectHappened(roomEvent), stop);
        }
    }
}
