using System.Text;
using LanChat.Diagnostics;

namespace LanChat.Connections;

/// <summary>The sentence that goes with a refusal, where it says more than the reason's own words: what is wrong, and what to do. Texts of BYE,
/// PARTED and REJECTED.</summary>
internal static class Refusals
{
    internal const string TooManyFromAddress = "there are too many connections from your address; close one, or try again later";
    internal const string TooManyCallers = "too many are connecting at this moment; try again";
    internal const string TooManyJoins = "too many have come from your address in the last minute; wait a moment and try again";

    private const int Codes = (int)DisconnectReason.StoreFailed + 1;

    // By code. Encoded and boxed once: whoever is refused again and again costs no memory.
    private static readonly byte[][] Sentences = [.. Enumerable.Range(0, Codes).Select(code => Encoding.UTF8.GetBytes(Sentence((DisconnectReason)code)))];
    private static readonly KeyValuePair<string, object?>[] Tags =
        [.. Enumerable.Range(0, Codes).Select(code => new KeyValuePair<string, object?>(Metrics.ReasonTag, (DisconnectReason)code))];

    /// <summary>Gets the sentence as it is sent. For the codes of the protocol.</summary>
    internal static ReadOnlySpan<byte> Utf8(DisconnectReason reason) => Sentences[(int)reason];

    /// <summary>Gets the reason as a counter's tag. For the codes of the protocol.</summary>
    internal static KeyValuePair<string, object?> Tag(DisconnectReason reason) => Tags[(int)reason];

    internal static string Sentence(DisconnectReason reason) => reason switch
    {
        DisconnectReason.FrameTooLarge => "that is longer than agreed",
        DisconnectReason.Banned => "this name or address is banned until the server's operator lifts that",
        DisconnectReason.NameInUse => "that name, or one that looks like it, is in use; choose another",
        DisconnectReason.BadName => "a name has 1 to 24 letters, digits, marks or _ - . and is not a reserved word",
        DisconnectReason.NotProved => "the proof is missing or wrong",
        DisconnectReason.ServerFull => "the server is full; try again later",
        DisconnectReason.TooFast => "too fast; wait a moment and send it again",
        DisconnectReason.RoomFull => "the room is full",
        DisconnectReason.NoSuchRoom => "there is no such room",
        DisconnectReason.NotAMember => "you are not a member of that room; join it first",
        DisconnectReason.NotPermitted => "that takes operator rights",
        DisconnectReason.TooManyRooms => "there are too many rooms; leave one first",
        DisconnectReason.Version => "this server speaks version 1 of the protocol",
        DisconnectReason.BadText => "the text is not UTF-8, or too long",
        DisconnectReason.NoSuchMember => "nobody here has that name",
        DisconnectReason.PlaintextNotAccepted =>
            "plain connections are accepted only from the server's own machine; start the server with --allow-plaintext to accept them from here (anyone on the way can then read along)",
        DisconnectReason.TooManyConnections => "the server has too many connections; try again later",
        DisconnectReason.AlreadyThere => "you are in that room already",
        DisconnectReason.UnknownFlag => "a flag is set that this version does not know",
        _ => "",
    };
}
