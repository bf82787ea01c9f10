namespace LanChat;

/// <summary>Names the stages of a client's life. It passes through them in this order, but goes back and forth between <see cref="Connected"/> and <see cref="Reconnecting"/>.</summary>
public enum ChatState
{
    /// <summary>HELLO was sent; the server has not said WELCOME yet. No caller ever sees a client in this state.</summary>
    Connecting,

    /// <summary>The server said welcome: rooms can be joined and messages sent.</summary>
    Connected,

    /// <summary>The connection was lost and is being made again. Sends and joins wait, and readers get nothing, until it is <see cref="Connected"/> or <see cref="Ended"/>.</summary>
    Reconnecting,

    /// <summary>This side said goodbye and waits, for a bounded time, for the server to end the connection. Nothing new is sent.</summary>
    Stopping,

    /// <summary>It is over for good. What was still open is <see cref="SendOutcome.Unknown"/>, and every reader comes to its end.</summary>
    Ended,
}
