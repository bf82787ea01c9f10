using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LanChat.Broadcast;
using LanChat.Framing;

namespace LanChat.Rooms;

/// <summary>Follows every room from inside the process, without being a member: a cursor in each log, read by whoever enumerates.</summary>
/// <remarks>It keeps no queue: what is not read yet is in the logs. A reader that falls behind a room by more than the lag limit is moved on to
/// the room's newest entry and told so by a <see cref="Gap"/>; <see cref="LimitLag"/> sees to that once a second, even when nobody enumerates. One
/// that leaves the ends of too many rooms unread, which came and went meanwhile, is ended with an exception: they would keep their logs.</remarks>
internal sealed class RoomObserver : IDisposable
{
    // Entries taken under the lock at once, before they are handed out.
    private const int BatchEntries = 64;

    private readonly int _maxLagBytes;
    private readonly int _maxRooms;
    private readonly RoomObservers _all;

    // The reader and LimitLag meet here; never held while the application runs.
    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];
    private bool _isDisposed;

    // One place: a second wake-up before the reader has taken the first says nothing new.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal RoomObserver(ChatServerOptions options, RoomObservers all)
    {
        _maxLagBytes = options.MaxLagBytes;

        // All that may exist at once, and as many again that are gone and not read to their end.
        _maxRooms = 2 * options.MaxRooms;
        _all = all;
    }

    /// <summary>Starts to follow a room: from its newest entry on, or from its first.</summary>
    internal void Follow(Room room, bool fromNow)
    {
        lock (_gate)
        {
            if (_isDisposed || _watches.Exists(watch => watch.Room == room))
            {
                return;
            }

            lock (room.Log.Gate)
            {
                if (room.IsClosed)
                {
                    return;
                }

                if (_watches.Count == _maxRooms)
                {
                    _news.Writer.TryComplete(new ChatException(DisconnectReason.TooSlow, "the stream of the server's events was not read for too long"));
                    return;
                }

                long next = fromNow ? room.Log.LastSequence + 1 : room.Log.OldestSequence;
                _watches.Add(new Watch(room, room.Log.Subscribe(next), seen: fromNow ? next - 1 : 0));
            }
        }
    }

    /// <summary>Tells the reader that there may be something. Any thread; keeps nobody waiting.</summary>
    internal void Wake() => _news.Writer.TryWrite(true);

    internal void Complete() => _news.Writer.TryComplete();

    /// <summary>Moves on from entries that the reader leaves lying for too long. Once a second, any thread.</summary>
    internal void LimitLag()
    {
        lock (_gate)
        {
            foreach (Watch watch in _watches)
            {
                if (watch.Cursor.Lag(0) > _maxLagBytes)
                {
                    MoveOn(watch);
                }
            }
        }
    }

    internal async IAsyncEnumerable<RoomEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            var batch = new List<RoomEvent>(BatchEntries);
            bool more = true;
            while (more)
            {
                // Asked before the logs are looked at, so that the last look comes after the end.
                more = await _news.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
                _news.Reader.TryRead(out _);
                do
                {
                    batch.Clear();
                    Read(batch);
                    foreach (RoomEvent roomEvent in batch)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        yield return roomEvent;
                    }
                }
                while (batch.Count > 0);
            }
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _all.Remove(this);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _watches.ForEach(watch => watch.Cursor.Dispose());
                _watches.Clear();
            }
        }
    }

    private static void MoveOn(Watch watch)
    {
        lock (watch.Room.Log.Gate)
        {
            // A room that is closed grows no more, and has no place to move on to.
            if (!watch.Room.IsClosed)
            {
                watch.Cursor.Dispose();
                watch.Cursor = watch.Room.Log.Subscribe(watch.Room.Log.LastSequence + 1);
            }
        }
    }

    private void Read(List<RoomEvent> batch)
    {
        lock (_gate)
        {
            foreach (Watch watch in _watches)
            {
                while (batch.Count < BatchEntries && watch.Cursor.TryReadEntry(out ReadOnlySpan<byte> bytes))
                {
                    if (EntryFrame.TryDecodeWhole(bytes, out EntryFrame entry))
                    {
                        long sequence = (long)entry.Sequence;
                        if (sequence > watch.Seen + 1)
                        {
                            batch.Add(new Gap { Room = watch.Room.Name, From = watch.Seen + 1, To = sequence - 1 });
                        }

                        watch.Seen = sequence;
                        if (EntryEvents.TryRead(in entry, watch.Room.Name, isReplay: false, isOwn: false, out RoomEvent? roomEvent) && roomEvent is not null)
                        {
                            batch.Add(roomEvent);
                        }
                    }

                    watch.Cursor.Advance(bytes.Length);
                }
            }

            // A closed room says nothing any more: once it is read to its end, its log can go.
            _watches.RemoveAll(static watch =>
            {
                bool isOver = watch.Room.IsClosed && watch.Cursor.IsCaughtUp;
                if (isOver)
                {
                    watch.Cursor.Dispose();
                }

                return isOver;
            });
        }
    }

    private sealed class Watch(Room room, LogCursor cursor, long seen)
    {
        internal Room Room { get; } = room;

        internal LogCursor Cursor { get; set; } = cursor;

        /// <summary>The last sequence read: a jump from it is a gap.</summary>
        internal long Seen { get; set; } = seen;
    }
}
