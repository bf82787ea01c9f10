namespace LanChat.Connections.Client;

/// <summary>Why a client is not connected again yet: the loss at first, then what became of the last attempt; and whether a further one makes sense (PROTOCOL 4).</summary>
internal sealed class ReconnectFailure
{
    // A server that finds us too fast is not come back to at once: by then half of what it lets through in one go is free again.
    private static readonly TimeSpan AfterTooFast = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;

    // Since when the server says that somebody has our name; null when it did not.
    private long? _nameInUseSince;

    // This attempt has a failure to tell already.
    private bool _isTold;

    internal ReconnectFailure(DisconnectReason reason, string text, TimeProvider time)
    {
        Reason = reason;
        Text = text;
        _time = time;
    }

    internal DisconnectReason Reason { get; private set; }

    internal string Text { get; private set; }

    /// <summary>Gets how long the next attempt waits at least.</summary>
    internal TimeSpan LeastDelay => Reason == DisconnectReason.TooFast ? AfterTooFast : TimeSpan.Zero;

    /// <summary>A new attempt begins, which may go several ways.</summary>
    internal void BeginAttempt() => _isTold = false;

    /// <summary>Notes what became of one way. That nobody answered on a further one tells less than what the first came to.</summary>
    internal void Note(DisconnectReason reason, string text)
    {
        if (_isTold && reason == DisconnectReason.ConnectionReset)
        {
            return;
        }

        _isTold = true;
        Reason = reason;
        Text = text;
        if (reason == DisconnectReason.NameInUse)
        {
            _nameInUseSince ??= _time.GetTimestamp();
        }
    }

    /// <summary>Says whether the server's answer is its last word.</summary>
    internal bool IsFinal(TimeSpan heartbeat) => Reason switch
    {
        DisconnectReason.ConnectionReset or DisconnectReason.ServerStopping or DisconnectReason.TooSlow or DisconnectReason.HeartbeatLost => false,
        DisconnectReason.ServerFull or DisconnectReason.TooFast or DisconnectReason.TooManyConnections => false,

        // Our own earlier connection may have it, until the server notices that it is gone.
        DisconnectReason.NameInUse => _time.GetElapsedTime(_nameInUseSince!.Value) >= 2 * heartbeat,
        _ => true,
    };
}
