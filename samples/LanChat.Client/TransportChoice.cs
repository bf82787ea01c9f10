namespace LanChat.Samples;

/// <summary>How messages travel: always one way, or, as the ancestor did it, by a throw for each of them.</summary>
/// <param name="fixedTo">The one way; null: at random.</param>
internal sealed class TransportChoice(MessageTransport? fixedTo)
{
    internal static readonly TransportChoice Tcp = new(MessageTransport.Tcp);

    private static readonly Dictionary<string, TransportChoice> Choices = new()
    {
        ["tcp"] = Tcp,
        ["udp"] = new(MessageTransport.Udp),
        ["random"] = new(null),
    };

    /// <summary>Gets the words for the choices.</summary>
    internal static string[] Words => [.. Choices.Keys];

    internal static TransportChoice Of(string word) => Choices[word];

    /// <summary>Gets how the next message travels.</summary>
#pragma warning disable CA5394 // A throw of a coin that keeps no secret.
    internal MessageTransport Next() => fixedTo ?? (Random.Shared.Next(2) == 0 ? MessageTransport.Tcp : MessageTransport.Udp);
#pragma warning restore CA5394
}
