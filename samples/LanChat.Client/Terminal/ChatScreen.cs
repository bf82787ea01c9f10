using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>The chat on the screen: one loop that takes up keys, events and results in the order in which they come, and draws after each batch.</summary>
internal sealed class ChatScreen : IDisposable
{
    // How many inputs one drawing may cover: enough that a flood costs few drawings, few enough that keys are seen at once.
    private const int MaxInputsPerUpdate = 64;

    // What the server takes by default.
    private const int MaxMessageBytes = 4096;

    private readonly Display _display;
    private readonly ChatClient _client;
    private readonly Channel<ScreenInput> _inputs;
    private readonly string _link;
    private readonly Conversation _conversation;
    private readonly ChatCommands _commands;
    private readonly Outbox _outbox;
    private readonly LineEditor _editor;
    private readonly CancellationTokenSource _stop = new();

    // All that writes to the inputs beside the terminal; each ends when the connection or _stop does.
    private readonly List<Task> _sources = [];
    // Why there is no contact with the server; null while there is.
    private string? _noContact;
    private bool _isLeaving;
    private bool _isOver;
    private ChatRoom? _lastRoom;

    internal ChatScreen(Display display, ChatClient client, ChatRoom room, Channel<ScreenInput> inputs, TransportChoice transport, string link)
    {
        _display = display;
        _client = client;
        _inputs = inputs;
        _link = link;
        _conversation = new Conversation(display, client, room);
        _commands = new ChatCommands(display, _conversation.Rooms, name => Start(JoinAsync(name)));
        _outbox = new Outbox(client, transport, inputs.Writer);
        _editor = new LineEditor(MaxMessageBytes, (text, cursor) => Completion.Of(text, cursor, OtherMembers(), _conversation.Rooms.Names));
    }

    /// <summary>Talks until the user leaves, which gives null, or the connection ends, which gives the sentence that says why.</summary>
    internal async Task<string?> RunAsync(IReadOnlyList<Key> typedAhead, CancellationToken cancelled)
    {
        try
        {
            Start(ReadRoomAsync(_conversation.Rooms.Current));
            Start(ReadDirectAsync());
            Start(ReadStatesAsync());
            Start(_outbox.RunAsync(_stop.Token));
            await PressAsync(typedAhead);
            while (!_isOver)
            {
                Draw();
                await _inputs.Reader.WaitToReadAsync(cancelled);
                for (int taken = 0; taken < MaxInputsPerUpdate && !_isOver && _inputs.Reader.TryRead(out ScreenInput? input); taken++)
                {
                    await TakeAsync(input);
                }
            }
        }
        finally
        {
            await _stop.CancelAsync();
            await _client.StopAsync(CancellationToken.None);
            await Task.WhenAll(_sources);
            _conversation.GiveUp();
        }

        return _lastRoom is null ? null : Ending.Explain(await _client.Completion, _client.DisconnectText, _lastRoom);
    }

    public void Dispose() => _stop.Dispose();

    private async Task TakeAsync(ScreenInput input)
    {
        switch (input)
        {
            case KeysPressed { Keys.Count: 0 }:
                _isOver = true;
                break;
            case KeysPressed { Keys: var keys }:
                await PressAsync(keys);
                break;
            case RoomHappened { View: var view, Event: var roomEvent }:
                _conversation.Happen(view, roomEvent);
                break;
            case RoomOver { View: var view }:
                _lastRoom = view.Room;
                _isOver = !_conversation.End(view);
                break;
            case DirectHappened { Event: var roomEvent }:
                _conversation.HappenDirectly(roomEvent);
                break;
            case ContactChanged { Change: var change }:
                _noContact = Contact.Describe(change);
                break;
            case RoomJoined { Room: null, Error: var error }:
                Complain(EventLines.Continued(error));
                break;
            case RoomJoined { Room: { } room }:
                _conversation.Show(_conversation.Rooms.Find(room) ?? NewView(room));
                break;
            case MessageSettled { Message: var message, Result: var result }:
                if (!_conversation.Settle(message, result))
                {
                    _editor.Remember(message.Text);
                }

                break;
        }

        _isOver |= _isLeaving && _conversation.IsAllSettled;
    }

    private async Task PressAsync(IReadOnlyList<Key> keys)
    {
        foreach (Key key in keys)
        {
            _conversation.Attention.Press(key.Kind);
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
                Send(new OwnMessage(_editor.Take(), _conversation.Rooms.Current, member: ""));
                break;
            case EditResult.Full when key.Kind != KeyKind.Text:
                Complain($"a message holds {MaxMessageBytes} bytes; the rest was not taken");
                break;
        }
    }

    private void Send(OwnMessage message)
    {
        if (_outbox.TryPost(message))
        {
            _conversation.Await(message);
        }
        else
        {
            _editor.Remember(message.Text);
            Complain($"{Outbox.Capacity} messages wait already: wait, then take this one back with the up arrow");
        }
    }

    private void Leave()
    {
        // What was typed is sent; who does not want to wait for that asks again.
        _isOver = _isLeaving || _conversation.IsAllSettled;
        _isLeaving = true;
    }

    private void Complain(string what) => _display.Print($"? {what}", _display.Painter.Bad);

    private void Draw()
    {
        RoomView current = _conversation.Rooms.Current;
        string unread = string.Join(' ', new[] { _conversation.Attention.Unread, _conversation.Rooms.Unread() }.Where(part => part.Length > 0));
        // How the link is kept comes first: no server's name, however long, pushes it out of sight.
        string server = _link.Length > 0 ? $"{_link} · {_client.ServerName}" : _client.ServerName;
        string state = _isLeaving ? "sending what is left; Ctrl-C leaves at once" : _noContact ?? server;
        var prompt = new StyledLine(new StyledRun(_client.Name, _display.Painter.Name(_client.Name)), new StyledRun("> "));
        _display.Update(
            _conversation.Waiting,
            size => StatusLine.Of(_display.Painter, size.Columns, current.Name, current.Room.MemberCount, unread, state),
            prompt,
            _editor);
    }

    private List<string> OtherMembers() => [.. _conversation.Rooms.Current.Room.Members.Where(name => name != _client.Name)];

    private void Start(Task source)
    {
        _sources.RemoveAll(other => other.IsCompleted);
        _sources.Add(WatchAsync(source));
    }

    private async Task WatchAsync(Task source)
    {
        try
        {
            await source;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As asked.
        }
        catch (Exception exception)
        {
            // The loop throws it in turn: better an end that can be seen than a chat without one of its parts.
            _inputs.Writer.TryComplete(exception);
        }
    }

    private RoomView NewView(ChatRoom room)
    {
        var view = new RoomView(room);
        Start(ReadRoomAsync(view));
        return view;
    }

    private async Task JoinAsync(string name)
    {
        ScreenInput joined;
        try
        {
            joined = new RoomJoined(await _client.JoinAsync(name, _stop.Token), "");
        }
        catch (ChatException exception)
        {
            joined = new RoomJoined(null, exception.Message);
        }

        await _inputs.Writer.WriteAsync(joined, _stop.Token);
    }

    private async Task ReadRoomAsync(RoomView view)
    {
        await foreach (RoomEvent roomEvent in view.Room.ReadAllAsync(CancellationToken.None))
        {
            await _inputs.Writer.WriteAsync(new RoomHappened(view, roomEvent), _stop.Token);
        }

        await _inputs.Writer.WriteAsync(new RoomOver(view), _stop.Token);
    }

    private async Task ReadDirectAsync()
    {
        await foreach (RoomEvent roomEvent in _client.ReadDirectAsync(CancellationToken.None))
        {
            await _inputs.Writer.WriteAsync(new DirectHappened(roomEvent), _stop.Token);
        }
    }

    private async Task ReadStatesAsync()
    {
        await foreach (ChatStateChange change in _client.ReadStatesAsync(CancellationToken.None))
        {
            await _inputs.Writer.WriteAsync(new ContactChanged(change), _stop.Token);
        }
    }
}
