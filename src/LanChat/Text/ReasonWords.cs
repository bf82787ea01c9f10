using System.Text;

namespace LanChat.Text;

/// <summary>The words for each <see cref="DisconnectReason"/>: in lines of text, in BYE and in the messages of exceptions.</summary>
internal static class ReasonWords
{
    /// <summary>Gets the words as UTF-8; empty for a code that this version does not know.</summary>
    internal static ReadOnlySpan<byte> Utf8Of(DisconnectReason reason) => reason switch
    {
        DisconnectReason.ConnectionReset => "connection lost"u8,
        DisconnectReason.Goodbye => "goodbye"u8,
        DisconnectReason.ServerStopping => "server stopping"u8,
        DisconnectReason.TooSlow => "too slow"u8,
        DisconnectReason.ProtocolViolation => "protocol violation"u8,
        DisconnectReason.FrameTooLarge => "frame too large"u8,
        DisconnectReason.Idle => "idle"u8,
        DisconnectReason.HeartbeatLost => "heartbeat lost"u8,
        DisconnectReason.Kicked => "kicked"u8,
        DisconnectReason.Banned => "banned"u8,
        DisconnectReason.NameInUse => "name in use"u8,
        DisconnectReason.BadName => "bad name"u8,
        DisconnectReason.NotProved => "not proved"u8,
        DisconnectReason.ServerFull => "server full"u8,
        DisconnectReason.TooFast => "too fast"u8,
        DisconnectReason.RoomFull => "room full"u8,
        DisconnectReason.NoSuchRoom => "no such room"u8,
        DisconnectReason.NotAMember => "not a member"u8,
        DisconnectReason.Replaced => "replaced by a newer connection"u8,
        DisconnectReason.NotPermitted => "not permitted"u8,
        DisconnectReason.TooManyRooms => "too many rooms"u8,
        DisconnectReason.Version => "no common version"u8,
        DisconnectReason.BadText => "bad text"u8,
        DisconnectReason.NoSuchMember => "no such member"u8,
        DisconnectReason.PlaintextNotAccepted => "plaintext not accepted here"u8,
        DisconnectReason.TooManyConnections => "too many connections"u8,
        DisconnectReason.AlreadyThere => "already there"u8,
        DisconnectReason.UnknownFlag => "unknown flag"u8,
        DisconnectReason.StoreFailed => "store failed"u8,
        DisconnectReason.Aborted => "aborted"u8,
        _ => default,
    };

    /// <summary>Gets the words; <c>code 99</c> for one that this version does not know.</summary>
    internal static string Of(DisconnectReason reason)
    {
        ReadOnlySpan<byte> words = Utf8Of(reason);
        return words.IsEmpty ? $"code {(int)reason}" : Encoding.UTF8.GetString(words);
    }
}
