using LanChat.Text;

namespace LanChat;

/// <summary>Says whether a caller may come in: the answer of <see cref="ChatServerOptions.Authenticate"/>. The default value is a refusal.</summary>
public readonly record struct AuthenticationResult
{
    /// <summary>Longer sentences are cut: a BYE before WELCOME has room for 4 KiB, and nobody reads more.</summary>
    internal const int MaxTextBytes = 1024;

    private readonly DisconnectReason? _reason;

    private AuthenticationResult(string? name, DisconnectReason? reason, string text)
    {
        Name = name;
        _reason = reason;
        Text = text;
    }

    /// <summary>Gets whether the caller may come in.</summary>
    public bool IsAccepted => _reason == default(DisconnectReason);

    /// <summary>Gets the name that the caller is to go by; null: the one it asked for, or one that the server gives.</summary>
    public string? Name { get; }

    /// <summary>Gets why the caller is refused; <see cref="DisconnectReason.ConnectionReset"/>, that is 0, when it is not.</summary>
    public DisconnectReason Reason => _reason ?? DisconnectReason.NotProved;

    /// <summary>Gets what the caller is told with the refusal; may be empty.</summary>
    public string Text => field ?? "";

    /// <summary>Lets the caller in.</summary>
    /// <param name="name">The name that it is to go by, which must follow the name rule and be free, or the caller is refused for that; null: as it asked.</param>
    public static AuthenticationResult Accept(string? name = null) => new(name, default(DisconnectReason), "");

    /// <summary>Refuses the caller.</summary>
    /// <param name="reason">Why, as a code of the protocol: <see cref="DisconnectReason.ServerStopping"/> to <see cref="DisconnectReason.StoreFailed"/>.
    /// <see cref="DisconnectReason.NotProved"/> is the usual one; a client does not come back by itself after it.</param>
    /// <param name="text">A sentence for people. It is put on one line, made safe to print, and cut at 1,024 bytes of UTF-8.</param>
    /// <exception cref="ArgumentOutOfRangeException">The reason is none that is sent.</exception>
    public static AuthenticationResult Reject(DisconnectReason reason = DisconnectReason.NotProved, string text = "") =>
        new(name: null, Check.Refusal(reason), Sentence(text));

    /// <summary>Makes an app's sentence fit to be sent with a refusal.</summary>
    internal static string Sentence(string text) => Check.Cut(TextRules.SanitizeToLine(Check.NotNull(text, nameof(text))), MaxTextBytes);
}
