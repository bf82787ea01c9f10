namespace LanChat;

/// <summary>Says what becomes of a message: the answer of <see cref="ChatServerOptions.OnPublish"/>. The default value is a rejection.</summary>
public readonly record struct PublishDecision
{
    private readonly DisconnectReason? _reason;

    private PublishDecision(DisconnectReason? reason, string text, string? replacement)
    {
        _reason = reason;
        Text = text;
        Replacement = replacement;
    }

    /// <summary>Gets whether the message is taken, as it is or with another text.</summary>
    public bool IsAccepted => _reason == default(DisconnectReason);

    /// <summary>Gets the text that takes the place of what was said; null: none.</summary>
    public string? Replacement { get; }

    /// <summary>Gets why the message is rejected; <see cref="DisconnectReason.ConnectionReset"/>, that is 0, when it is not.</summary>
    public DisconnectReason Reason => _reason ?? DisconnectReason.NotPermitted;

    /// <summary>Gets what the sender is told with the rejection; may be empty.</summary>
    public string Text => field ?? "";

    /// <summary>Takes the message as it is.</summary>
    public static PublishDecision Accept() => new(default(DisconnectReason), "", replacement: null);

    /// <summary>Takes the message with another text; one that was bytes becomes a text.</summary>
    /// <param name="text">The text. Its forbidden characters are replaced as in any text; if it is then longer than <see cref="ChatServerOptions.MaxTextBytes"/>, the message is
    /// rejected with <see cref="DisconnectReason.BadText"/>.</param>
    public static PublishDecision Replace(string text) => new(default(DisconnectReason), "", Check.NotNull(text, nameof(text)));

    /// <summary>Rejects the message: nobody gets it, and its sender is told.</summary>
    /// <param name="reason">Why, as a code of the protocol: <see cref="DisconnectReason.ServerStopping"/> to <see cref="DisconnectReason.StoreFailed"/>.</param>
    /// <param name="text">A sentence for people. It is put on one line, made safe to print, and cut at 1,024 bytes of UTF-8. It is told once: a repeat of the message gets the reason alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The reason is none that is sent.</exception>
    public static PublishDecision Reject(DisconnectReason reason = DisconnectReason.NotPermitted, string text = "") =>
        new(Check.Refusal(reason), AuthenticationResult.Sentence(text), replacement: null);
}
