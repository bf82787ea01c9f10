namespace LanChat.Samples.Terminal;

/// <summary>A message of this client's own on its way: to a room, to one member, or a command to the server.</summary>
internal sealed class OwnMessage(string text, RoomView? room, string member)
{
    internal string Text => text;

    /// <summary>Gets what it asks of the server; null for what is said to people.</summary>
    internal Func<ChatClient, CancellationToken, ValueTask<SendResult>>? Command { get; init; }

    /// <summary>Gets the room; null when it goes to one member.</summary>
    internal RoomView? Room => room;

    /// <summary>Gets the member; empty when it goes to a room.</summary>
    internal string Member => member;

    /// <summary>Gets or sets the entry's sequence once the server has it; 0 before.</summary>
    internal long Sequence { get; set; }
}
