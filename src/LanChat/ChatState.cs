namespace LanChat;

/// <summary>Names the stages of a client's life; it passes through them in this order and never back.</summary>
public enum ChatState
{
    /// <summary>HELLO was sent; the server has not said WELCOME yet. No caller ever sees a client in this state.</summary>
    Connecting,

    /// <summary>The server said welcome: rooms can be joined and messages sent.</summary>
    Connected,

    /// <summary>This side said goodbye and waits, for a bounded time, for the server to end the connection. Nothing new is sent.</summary>
    Stopping,

    /// <summary>The connection is over. What was still open is <see cref="SendOutcome.Unknown"/>, and every reader comes to its end.</summary>
    Ended,
}
