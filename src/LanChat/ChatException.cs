namespace LanChat;

/// <summary>Says what could not be done (a connection made, a room joined, a server started, a key or token read), why, and what to do about it.</summary>
/// <remarks>It is the only exception of this library's own. Sends do not throw it: what became of a message is a <see cref="SendResult"/>.</remarks>
public sealed class ChatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">One sentence that says what happened and what to do.</param>
    /// <param name="innerException">What the system said, where it was the system.</param>
    public ChatException(DisconnectReason reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Gets why, as the other side said it. <see cref="DisconnectReason.ConnectionReset"/> when no server answered.</summary>
    public DisconnectReason Reason { get; }

    /// <summary>Gets whether the server asks for a join code (<see cref="ChatClientOptions.JoinCode"/>), and none or a wrong one was given: an app may ask its user for it and connect again. A server that does not ask is not found out by this; see there.</summary>
    public bool NeedsJoinCode { get; internal init; }

    /// <summary>Turns the end of a connection that was never welcomed into a sentence.</summary>
    internal static ChatException NotConnected(
        string where, string name, DisconnectReason reason, string text, Exception? cause = null, bool needsJoinCode = false)
    {
        string sentence = reason switch
        {
            DisconnectReason.ConnectionReset => $"cannot connect to {where}: {text}",
            DisconnectReason.NotProved when text.Length > 0 => $"not let in at {where}: {text}",
            DisconnectReason.NameInUse when name.Length == 0 => $"{where} has no name to give: choose one",
            DisconnectReason.NameInUse => $"the name '{name}' is in use on {where}: choose another one",
            DisconnectReason.BadName => $"{where} does not take the name '{name}': choose 1 to 24 letters, digits, '_', '-' or '.'",
            DisconnectReason.ServerFull => $"{where} is full: try again later",
            DisconnectReason.TooManyConnections => $"{where} has too many connections: try again later",
            DisconnectReason.TooFast => $"{where} takes no more callers from here at this moment: wait a minute and try again",
            DisconnectReason.Banned => $"you are banned from {where}",
            DisconnectReason.ServerStopping => $"{where} is stopping: try again later",
            DisconnectReason.NotProved => $"{where} asks for a proof that was not given",
            DisconnectReason.Version => $"{where} speaks another version of the protocol: update the older side",
            DisconnectReason.PlaintextNotAccepted => $"{where} takes plain connections only from its own machine: start it with plaintext allowed, or connect there",
            DisconnectReason.ProtocolViolation or DisconnectReason.FrameTooLarge => $"{where} does not speak the LanChat protocol: check the port",
            _ => $"{where} refused the connection ({reason})",
        };
        bool isSaid = reason is DisconnectReason.ConnectionReset or DisconnectReason.NotProved || text.Length == 0;
        return new ChatException(reason, isSaid ? sentence : $"{sentence} ({text})", cause) { NeedsJoinCode = needsJoinCode };
    }

    /// <summary>Turns a refused JOIN into a sentence.</summary>
    internal static ChatException NotJoined(string room, DisconnectReason reason, string text)
    {
        string sentence = reason switch
        {
            DisconnectReason.NoSuchRoom => $"there is no room '{room}', and the server lets nobody make one",
            DisconnectReason.RoomFull => $"the room '{room}' is full: try again later",
            DisconnectReason.TooManyRooms => $"no room for '{room}': leave another room first",
            DisconnectReason.AlreadyThere => $"already a member of '{room}' under another spelling",
            DisconnectReason.BadName => $"'{room}' is no name for a room: use letters, digits, '_', '-' or '.'",
            DisconnectReason.TooFast => $"joining '{room}' came too soon after other requests: wait and try again",
            _ => $"cannot join '{room}' ({reason})",
        };
        return new ChatException(reason, text.Length == 0 ? sentence : $"{sentence} ({text})");
    }
}
