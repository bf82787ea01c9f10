namespace LanChat;

/// <summary>Describes a message that nobody has got yet, for <see cref="ChatServerOptions.OnPublish"/>.</summary>
public sealed class PublishRequest
{
    internal PublishRequest(string sender, string? room, string? recipient, bool isOpaque, string text, ReadOnlyMemory<byte> body)
    {
        Sender = sender;
        Room = room;
        Recipient = recipient;
        IsOpaque = isOpaque;
        Text = text;
        Body = body;
    }

    /// <summary>Gets the name of who says it.</summary>
    public string Sender { get; }

    /// <summary>Gets the room that it is for; null when it is for one member.</summary>
    public string? Room { get; }

    /// <summary>Gets the member that it is for; null when it is for a room.</summary>
    public string? Recipient { get; }

    /// <summary>Gets whether it is bytes and no text.</summary>
    public bool IsOpaque { get; }

    /// <summary>Gets the text, safe to print; empty when <see cref="IsOpaque"/>.</summary>
    public string Text { get; }

    /// <summary>Gets the bytes: of the text in UTF-8, or as they came when <see cref="IsOpaque"/>. They do not change.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Describes the request without what is said.</summary>
    public override string ToString() => $"{Sender} to {Room ?? Recipient}, {Body.Length} bytes";
}
