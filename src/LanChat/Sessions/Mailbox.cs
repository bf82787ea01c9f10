using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Transport;

namespace LanChat.Sessions;

/// <summary>What is for one session alone (direct messages, warnings): a small log of its own, room 0, with one cursor (docs/protocol.md,
/// section 3). It is made when first needed (<see cref="Session.Mailbox"/>); a session that gets nothing costs nothing.</summary>
/// <remarks>Any thread may append; the log's gate puts the appends in order, since nobody fans out from here. The cursor is made with the first
/// append, so that the window never moves past a reader who is there, and then belongs to the loop of the session's connection.</remarks>
internal sealed class Mailbox(Session session, SegmentPool pool) : RoundSource
{
    /// <summary>How much is kept for a session that comes back.</summary>
    internal const int KeepBytes = 64 << 10;

    private readonly BroadcastLog _log = new(pool);

    // Under the log's gate.
    private bool _closed;

    // Written under the gate: by the first append, and null again by the loop when the session ends.
    private LogCursor? _cursor;

    /// <summary>Gets the cursor, once there is something to read. Only on the loop.</summary>
    /// <remarks>Acquire, partner: the write in <see cref="TryAppend"/>. Without it the loop could find a cursor whose fields are not there yet.</remarks>
    internal LogCursor? Cursor => Volatile.Read(ref _cursor);

    /// <summary>Appends one entry and wakes the session's loop.</summary>
    /// <returns>False when the session has ended, or the server's memory budget is used up.</returns>
    internal bool TryAppend(EntryKind kind, long timeMs, ulong id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body, out long sequence)
    {
        lock (_log.Gate)
        {
            sequence = 0;
            if (_closed)
            {
                return false;
            }

            if (_cursor is null)
            {
                Volatile.Write(ref _cursor, _log.Subscribe(_log.LastSequence + 1));
            }

            int bytes = EntryLayout.MeasureBytes(name.Length, body.Length);
            if (!_log.TryReserve(bytes, force: kind == EntryKind.Private, out LogReservation reservation))
            {
                return false;
            }

            sequence = reservation.Sequence;
            EntryLayout.Fill(reservation.Span, kind, flags: 0, room: 0, (ulong)sequence, timeMs, id, name, body);
            _log.Commit(in reservation);
            _log.Trim(long.MaxValue, KeepBytes, state: 0, expired: null);
        }

        session.Connection.Loop.MarkFromOutside(this);
        return true;
    }

    /// <summary>Lets go of the log. On the loop, once, when the session ends.</summary>
    internal void Close()
    {
        lock (_log.Gate)
        {
            _closed = true;
            _cursor?.Dispose();
            _cursor = null;
            _log.Close();
        }
    }

    internal override void CollectRound()
    {
        // Null when the session ended between the mark and now.
        if (Cursor is { } cursor)
        {
            session.Connection.OnNews(cursor, lagFrom: 0);
        }
    }
}
