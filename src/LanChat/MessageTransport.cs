namespace LanChat;

/// <summary>How a message travels to the server. What becomes of it is the same: it is in the room once, in one order for all, and its sender is told.</summary>
public enum MessageTransport
{
    /// <summary>Over the connection. Many messages may be on their way at once.</summary>
    Tcp,

    /// <summary>In a datagram of its own, sealed as well as TLS does it, and sent again until it is answered. One message is on its way at a time, and waits until those before it have their outcome. It goes over the
    /// connection after all, under the same id, when three datagrams were not answered, when it is too long for one (about 1,100 bytes), and where there is no UDP: on plain connections, on servers that do not
    /// offer it, and for 30 seconds after three messages in a row were not answered.</summary>
    Udp,
}
