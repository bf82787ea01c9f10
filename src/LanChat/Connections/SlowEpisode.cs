using LanChat.Broadcast;
using LanChat.Rooms;

namespace LanChat.Connections;

/// <summary>One time of a connection's being too slow: what it was not sent from its first skip until it has caught up. Touched only on the connection's loop.</summary>
internal sealed class SlowEpisode
{
    // One for each log at most: several skips in a row are one.
    private readonly List<Skipped> _untold = [];

    /// <summary>Gets how many entries were passed over.</summary>
    internal long Entries { get; private set; }

    /// <summary>Gets in how many steps.</summary>
    internal int Skips { get; private set; }

    /// <summary>Gets what the caller was not told of yet. Nothing of those logs is sent before it is.</summary>
    internal IReadOnlyList<Skipped> Untold => _untold;

    /// <summary>Notes that a cursor was moved on.</summary>
    /// <param name="cursor">The cursor, which stands before the next entry that the caller gets.</param>
    /// <param name="membership">Whose it is; null: the mailbox's.</param>
    /// <param name="first">The first entry passed over in this step.</param>
    /// <param name="entries">How many were.</param>
    internal void Add(LogCursor cursor, Membership? membership, long first, long entries)
    {
        Skips++;
        Entries += entries;
        if (!IsUntold(cursor))
        {
            _untold.Add(new Skipped(cursor, membership, first));
        }
    }

    internal bool IsUntold(LogCursor cursor)
    {
        foreach (Skipped skipped in _untold)
        {
            if (skipped.Cursor == cursor)
            {
                return true;
            }
        }

        return false;
    }

    internal void Told() => _untold.Clear();

    /// <summary>A log in which the caller has missed something.</summary>
    /// <param name="Cursor">Where it goes on.</param>
    /// <param name="Membership">Whose cursor that is; null: the mailbox's.</param>
    /// <param name="First">The first entry that is missing.</param>
    internal readonly record struct Skipped(LogCursor Cursor, Membership? Membership, long First);
}
