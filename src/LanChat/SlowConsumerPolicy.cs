namespace LanChat;

/// <summary>What a <see cref="ChatServer"/> does with a connection that cannot be sent to and has fallen behind a room by more than <see cref="ChatServerOptions.MaxLagBytes"/>.
/// Under either policy the others notice nothing, and what the slow one costs is bounded.</summary>
public enum SlowConsumerPolicy
{
    /// <summary>The connection is ended with <see cref="DisconnectReason.TooSlow"/>. Whoever comes back gets what the room still keeps, and is told of a gap if that is not all.
    /// Fit for clients that connect again, and want every entry more than they want to stay connected.</summary>
    End,

    /// <summary>The connection stays, and goes on at the first entry within half the limit of the newest. What lies before is passed over, and it is told which entries that
    /// were (<see cref="Gap"/>) as soon as it can be sent to again. Fit for those who want to see the present, such as a display on the wall. A connection is ended all the same
    /// if it is leaving the room, or lets its own answers pile up.</summary>
    Skip,
}
