using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LanChat.Broadcast;
using LanChat.Framing;

namespace LanChat.Rooms;

/// <summary>A room: a log of entries, and the members whose cursors run in it.</summary>
/// <remarks>
/// <para>Publishing takes no lock: it is one append through the publisher's own cursor. Joining, leaving and everything else that changes who is
/// a member happens under the log's gate, together with the entry that tells of it, so that the members are always those that the entries up to
/// a sequence say: <see cref="_roster"/> is the state just after the last presence entry (<c>Room.Members.cs</c>).</para>
/// <para>A room that passes the presence limit is <em>counted</em> for the rest of its life: members are no longer named as they come and go,
/// their number is told at most once a second.</para>
/// </remarks>
internal sealed partial class Room
{
    /// <summary>How often a counted room tells its number at most.</summary>
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private readonly ChatServerOptions _options;
    private readonly RoomObservers _observers;
    private readonly BroadcastLog _log;

    // What its members hold too, unless they wrote the name in another way.
    private readonly byte[] _utf8Name;

    // One for each loop, by its number; made with the first member there, under the gate, and never changed. Read by publishers on any loop:
    // who reads null has committed before that member subscribed, see WakeOthers.
    private readonly LoopMembers?[] _loops;

    // Under the gate.
    private readonly List<Membership> _roster = [];
    private bool _isCounted;
    private bool _countIsStale;
    private DateTimeOffset _countedSince;
    private bool _isClosed;
    private DateTimeOffset _emptySince;

    internal Room(uint number, string name, string key, ChatServerOptions options, SegmentPool pool, RoomObservers observers)
    {
        Number = number;
        Name = name;
        _utf8Name = Encoding.UTF8.GetBytes(name);
        Key = key;
        _options = options;
        _observers = observers;
        _log = new BroadcastLog(pool);
        _loops = new LoopMembers?[options.Loops];
        _emptySince = options.TimeProvider.GetUtcNow();
    }

    /// <summary>Gets the number, never reused while the server runs.</summary>
    internal uint Number { get; }

    internal string Name { get; }

    /// <summary>Gets the name's comparison key.</summary>
    internal string Key { get; }

    /// <summary>Gets the mark of this life of the room's log: random, not 0.</summary>
    internal ulong Epoch { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    internal BroadcastLog Log => _log;

    /// <summary>Gets whether the room was removed: nobody can join it any more.</summary>
    internal bool IsClosed => Volatile.Read(ref _isClosed);

    internal int MemberCount
    {
        get
        {
            lock (_log.Gate)
            {
                return _roster.Count;
            }
        }
    }

    /// <summary>Appends a message through the publisher's own cursor: the one lock-free path. On the publisher's loop, everything that can be
    /// refused having been checked.</summary>
    /// <returns>False when the server's memory budget is used up; nothing was appended.</returns>
    internal bool TryPublish(Membership publisher, ushort flags, ulong id, ReadOnlySpan<byte> body, long timeMs, out long sequence)
    {
        ReadOnlySpan<byte> name = publisher.Session.Name.Utf8;
        if (!publisher.Cursor.TryReserve(EntryLayout.MeasureBytes(name.Length, body.Length), force: false, out LogReservation reservation))
        {
            sequence = 0;
            return false;
        }

        sequence = reservation.Sequence;
        EntryLayout.Fill(reservation.Span, EntryKind.Message, flags, Number, (ulong)sequence, timeMs, id, name, body);
        _log.Commit(in reservation);
        publisher.Members.Loop.Mark(publisher.Members);
        return true;
    }

    /// <summary>Appends a message whose publisher need not be attached any more: the app has taken its time to decide on it. On the publisher's loop.</summary>
    /// <returns>False when the server's memory budget is used up, or the room was closed; nothing was appended.</returns>
    internal bool TryPublishLate(Membership publisher, ushort flags, ulong id, ReadOnlySpan<byte> body, long timeMs, out long sequence)
    {
        ReadOnlySpan<byte> name = publisher.Session.Name.Utf8;
        lock (_log.Gate)
        {
            sequence = 0;
            if (_isClosed || !_log.TryReserve(EntryLayout.MeasureBytes(name.Length, body.Length), force: false, out LogReservation reservation))
            {
                return false;
            }

            sequence = reservation.Sequence;
            EntryLayout.Fill(reservation.Span, EntryKind.Message, flags, Number, (ulong)sequence, timeMs, id, name, body);
            _log.Commit(in reservation);
        }

        publisher.Members.Loop.Mark(publisher.Members);
        return true;
    }

    /// <summary>Appends a word of the operator or the server. Any thread.</summary>
    /// <returns>False when the room was closed meanwhile.</returns>
    internal bool Notice(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        lock (_log.Gate)
        {
            if (_isClosed)
            {
                return false;
            }

            Append(EntryKind.Notice, name, text);
        }

        WakeOthers(but: null);
        return true;
    }

    /// <summary>Gets the members and the entry after which these are they; nobody when the room was closed meanwhile.</summary>
    internal byte[][] Who(out long sequence)
    {
        lock (_log.Gate)
        {
            sequence = _isClosed ? 0 : _log.LastSequence;
            return RosterNames();
        }
    }

    /// <summary>Does what time asks for.</summary>
    /// <returns>True when the room was empty for its time and is now closed.</returns>
    internal bool Tick(DateTimeOffset now)
    {
        bool hasNews;
        lock (_log.Gate)
        {
            if (_isClosed)
            {
                // Not every clock's timer waits for its last call when it is disposed: this one may meet the end of a stop.
                return false;
            }

            // The tick comes once a second; only the first one after the room passed its limit could be too soon.
            hasNews = _countIsStale && now - _countedSince >= CountInterval;
            if (hasNews)
            {
                _countIsStale = false;
                AppendMembers(EntryKind.Members, []);
            }

            // A cursor at the end of a tail that the log gave up must take the step to the next, or it keeps the memory.
            hasNews |= TrimUnderGate(now);
            if (_roster.Count == 0 && Number != 1 && now - _emptySince >= RoomTable.EmptyRoomLife(_options))
            {
                _isClosed = true;
                _log.Close();
                return true;
            }
        }

        if (hasNews)
        {
            WakeOthers(but: null);
        }

        return false;
    }

    /// <summary>Called by a loop once per batch in which it published here: the others are woken once, not once per message.</summary>
    internal void AfterBatch(LoopMembers publisher)
    {
        WakeOthers(publisher);
        if (_log.NeedsTrim && _log.TryEnterGate())
        {
            // Whoever holds the gate instead trims too, or the next batch does.
            try
            {
                TrimUnderGate(_options.TimeProvider.GetUtcNow());
            }
            finally
            {
                _log.ExitGate();
            }
        }
    }

    internal void Close()
    {
        lock (_log.Gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _log.Close();
            }
        }
    }

    private void WakeOthers(LoopMembers? but)
    {
        // Partner: the fence in LoopMembers.Add. What was committed before is seen by a member that is not counted yet here.
        Interlocked.MemoryBarrier();
        for (int i = 0; i < _loops.Length; i++)
        {
            Interleave.Point(Access.Read, _loops, i);
            if (_loops[i] is { } members && members != but && members.Count > 0)
            {
                members.Loop.MarkFromOutside(members);
            }
        }

        _observers.Wake();
    }

    private LogReservation AppendMembers(EntryKind kind, ReadOnlySpan<byte> name)
    {
        Span<byte> body = stackalloc byte[PresenceBody.MembersBytes];
        PresenceBody.WriteMembers(body, (uint)_roster.Count);
        return Append(kind, name, body);
    }

    // Under the gate, which anchors the append. Forced past the memory budget: what the roster says must be in the log.
    private LogReservation Append(EntryKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        long time = _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        bool reserved = _log.TryReserve(EntryLayout.MeasureBytes(name.Length, body.Length), force: true, out LogReservation reservation);
        Debug.Assert(reserved, "A forced reservation is not refused.");
        EntryLayout.Fill(reservation.Span, kind, flags: 0, Number, (ulong)reservation.Sequence, time, id: 0, name, body);
        _log.Commit(in reservation);
        return reservation;
    }

    // Returns whether the log gave its tail up, so that cursors which stand there have a step to take.
    private bool TrimUnderGate(DateTimeOffset now) => _log.Trim(
        _options.MaxHistoryEntries,
        _options.MaxHistoryBytes,
        (now - _options.HistoryAge).ToUnixTimeMilliseconds(),
        static (entry, horizon) => EntryFrame.TryDecodeWhole(entry, out EntryFrame frame) && frame.Time < horizon);
}
