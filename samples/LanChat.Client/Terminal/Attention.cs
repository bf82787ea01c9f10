namespace LanChat.Samples.Terminal;

/// <summary>Whether the user looks at this terminal, where the terminal tells, and how many messages came while not.</summary>
internal sealed class Attention
{
    private bool _isAway;
    private int _unread;

    /// <summary>Gets what the status line says about it.</summary>
    internal string Unread => _unread > 0 ? $"● {_unread} new" : "";

    internal void Press(KeyKind kind)
    {
        _isAway = kind == KeyKind.FocusOut;
        if (!_isAway && kind != KeyKind.FocusIn)
        {
            // The number stays until the user does something: coming back is the moment to read it.
            _unread = 0;
        }
    }

    /// <summary>Counts what was said. True for the first that the user does not see.</summary>
    internal bool IsNew(RoomEvent roomEvent) =>
        _isAway && (RoomView.IsUnread(roomEvent) || roomEvent is DirectReceived) && _unread++ == 0;
}
