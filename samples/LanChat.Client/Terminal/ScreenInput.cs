namespace LanChat.Samples.Terminal;

/// <summary>One thing that the screen's loop takes up: all that happens comes to it through one channel, so nothing of it needs a lock.</summary>
internal abstract record ScreenInput;

/// <summary>Keys were pressed. None: the terminal is gone.</summary>
internal sealed record KeysPressed(IReadOnlyList<Key> Keys) : ScreenInput;

/// <summary>The terminal changed its size or was given back to this program: draw anew.</summary>
internal sealed record TerminalChanged : ScreenInput
{
    internal static readonly TerminalChanged Instance = new();
}

/// <summary>Something happened in a room.</summary>
internal sealed record RoomHappened(RoomView View, RoomEvent Event) : ScreenInput;

/// <summary>A room has said all that it will say.</summary>
internal sealed record RoomOver(RoomView View) : ScreenInput;

/// <summary>Something came for this client alone.</summary>
internal sealed record DirectHappened(RoomEvent Event) : ScreenInput;

/// <summary>Contact with the server was lost, is sought, or is there again.</summary>
internal sealed record ContactChanged(ChatStateChange Change) : ScreenInput;

/// <summary>A room was joined, or was not.</summary>
internal sealed record RoomJoined(ChatRoom? Room, string Error) : ScreenInput;

/// <summary>It is known what became of an own message.</summary>
internal sealed record MessageSettled(OwnMessage Message, SendResult Result) : ScreenInput;
