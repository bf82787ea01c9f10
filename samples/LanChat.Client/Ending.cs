namespace LanChat.Samples;

/// <summary>Puts the end of a chat into words.</summary>
internal static class Ending
{
    internal static string Explain(DisconnectReason reason, string text, ChatRoom chatRoom)
    {
        string what = reason == DisconnectReason.Goodbye ? $"no longer in {chatRoom.Name}" : Describe(reason);
        string more = reason == DisconnectReason.Goodbye ? chatRoom.PartedText : text;
        return more.Length == 0 ? what : $"{what}: {more}";
    }

    internal static string Describe(DisconnectReason reason) => reason switch
    {
        DisconnectReason.ServerStopping => "the server stopped",
        DisconnectReason.Kicked => "kicked by the operator",
        DisconnectReason.Banned => "banned by the operator",
        DisconnectReason.Idle => "disconnected for being idle",
        DisconnectReason.TooSlow => "disconnected for reading too slowly",
        DisconnectReason.ConnectionReset or DisconnectReason.HeartbeatLost => "the connection to the server was lost",
        _ => $"disconnected ({reason})",
    };
}
