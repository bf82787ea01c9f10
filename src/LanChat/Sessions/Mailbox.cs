using LanChat.Broadcast;
using LanChat.Framing;
using LanChat.Transport;

namespace LanChat.Sessions;

/// <summary>What is for one session alone (direct messages, warnings): a small log of its own, room 0, with one cursor (docs/protocol.md,
/// section 3). It is made when first needed (<see cref="Session.Mailbox"/>); a session that gets nothing costs nothing.</summary>
/// <remarks>Any thread may append; the log's gate puts the appends in order, since nobody fans out from here. While the session is attached, the cursor is made with the first
/// append, so that the window never moves past a reader who is there, and then belongs to the session's loop. While it is detached there is none, and the window alone says what is kept.</remarks>
internal sealed class Mailbox(Session session, SegmentPool pool) : RoundSource
{
    /// <summary>How much is kept for a session that comes back.</summary>
    internal const int KeepBytes = 64 << 10;

    /// <summary>For <see cref="Interleave"/>: the cursor, apart from the words of a <see cref="RoundSource"/>.</summary>
    private const int CursorWord = 2;

    private readonly BroadcastLog _log = new(pool);

    // Under the log's gate.
    private bool _isDetached;
    private bool _isClosed;

    // Written under the gate: by an append or a resume, and null again by the loop when the session is detached or ends.
    private LogCursor? _cursor;

    /// <summary>Gets the cursor, once there is something to read. Only on the loop.</summary>
    /// <remarks>Acquire, partner: the write in <see cref="TryAppend"/>. Without it the loop could find a cursor whose fields are not there yet.</remarks>
    internal LogCursor? Cursor
    {
        get
        {
            Interleave.Point(Access.Read, this, CursorWord);
            return Volatile.Read(ref _cursor);
        }
    }

    /// <summary>Appends one entry and wakes the session's loop if there is somebody to read it.</summary>
    /// <returns>False when the session has ended, or the server's memory budget is used up.</returns>
    internal bool TryAppend(EntryKind kind, long timeMs, ulong id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body, out long sequence)
    {
        bool isRead;
        lock (_log.Gate)
        {
            sequence = 0;
            if (_isClosed)
            {
                return false;
            }

            isRead = !_isDetached;
            if (_cursor is null && isRead)
            {
                LogCursor cursor = _log.Subscribe(_log.LastSequence + 1);
                Interleave.Point(Access.Change, this, CursorWord);
                Volatile.Write(ref _cursor, cursor);
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

        if (isRead)
        {
            session.Home.Loop.MarkFromOutside(this);
        }

        return true;
    }

    /// <summary>Nobody reads until <see cref="Attach"/>. On the loop.</summary>
    internal void Detach()
    {
        lock (_log.Gate)
        {
            _isDetached = true;
            ForgetCursor();
        }
    }

    /// <summary>The client is there again and has everything up to an entry. On the loop, after <see cref="Detach"/>.</summary>
    internal MailboxStart Attach(ulong after)
    {
        lock (_log.Gate)
        {
            _isDetached = false;
            long newest = _log.LastSequence;
            long oldest = _log.OldestSequence;
            (JoinOutcome outcome, long first) = after > (ulong)newest ? (JoinOutcome.Reset, oldest)
                : (long)after + 1 < oldest ? (JoinOutcome.Gap, oldest)
                : (JoinOutcome.Recovered, (long)after + 1);
            if (first <= newest)
            {
                LogCursor cursor = _log.Subscribe(first);
                Interleave.Point(Access.Change, this, CursorWord);
                Volatile.Write(ref _cursor, cursor);
            }

            return new MailboxStart(outcome, first, newest);
        }
    }

    /// <summary>Lets go of the log. On the loop, once, when the session ends.</summary>
    internal void Close()
    {
        lock (_log.Gate)
        {
            _isClosed = true;
            ForgetCursor();
            _log.Close();
        }
    }

    internal override void CollectRound()
    {
        // Null when the session ended, or lost its connection, between the mark and now.
        if (Cursor is { } cursor && session.Connection is { } connection)
        {
            connection.OnNews(cursor, lagFrom: 0);
        }
    }

    private void ForgetCursor()
    {
        _cursor?.Dispose();
        Interleave.Point(Access.Change, this, CursorWord);
        _cursor = null;
    }
}

/// <summary>Where a mailbox goes on, as WELCOME says it.</summary>
/// <param name="Outcome">What became of what the client does not have yet.</param>
/// <param name="First">The first sequence that is sent.</param>
/// <param name="Newest">The newest there is.</param>
internal readonly record struct MailboxStart(JoinOutcome Outcome, long First, long Newest);
