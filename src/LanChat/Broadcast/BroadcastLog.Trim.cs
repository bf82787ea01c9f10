namespace LanChat.Broadcast;

/// <summary>Whether an entry has left the history window by its age or by what else the caller knows.</summary>
internal delegate bool ExpiredPredicate<in TState>(ReadOnlySpan<byte> entry, TState state);

/// <content>The history window. It is exact to the entry, though memory is given back by the segment.</content>
internal sealed partial class BroadcastLog
{
    /// <summary>Offset in <see cref="_oldest"/> of the last entry that left the window, or -1. Guarded by the Gate.</summary>
    private int _lastDropped = -1;

    /// <summary>
    /// Moves the window's beginning: drops the oldest entries while there are more than <paramref name="keepEntries"/>, or more than
    /// <paramref name="keepBytes"/>, or the oldest is <paramref name="expired"/>. Only committed entries are dropped. Under the Gate.
    /// </summary>
    /// <returns>True when the tail itself was given up, because its newest entry had expired: cursors that stand at its end keep its memory until
    /// they are next read, or <see cref="LogCursor.ReleaseFinished"/>.</returns>
    public bool Trim<TState>(long keepEntries, long keepBytes, TState state, ExpiredPredicate<TState>? expired)
    {
        ObjectDisposedException.ThrowIf(_oldest is null, this);

        // Full fence, pairs with the link and then the flag in TryFollow: either this Trim sees the link, or the flag stays set for the next.
        Interlocked.Exchange(ref _needsTrim, 0);

        LogSegment tail = FindTail(ref _tailHint);
        TailWord word = tail.ReadTail();
        bool isSealed = word.Bytes > tail.Capacity;
        long tailPosition = tail.Base + (isSealed ? tail.AwaitEnd() : word.Bytes);
        long nextSequence = isSealed ? tail.NextFirst : tail.First + word.Count;
        bool gaveUpTail = false;

        for (; ; )
        {
            LogSegment segment = _oldest;
            int bytes = segment.EntryBytesAt(_oldestOffset);
            if (bytes != 0)
            {
                bool isOutside = nextSequence - _oldestSequence > keepEntries
                    || tailPosition - (segment.Base + _oldestOffset) > keepBytes
                    || (expired is not null && expired(segment.Bytes.AsSpan(_oldestOffset, bytes), state));
                if (!isOutside)
                {
                    return gaveUpTail;
                }

                _lastDropped = _oldestOffset;
                _oldestOffset += bytes;
                _oldestSequence++;
                continue;
            }

            LogSegment? next;
            if (segment.End == _oldestOffset)
            {
                next = segment.Next;
                if (next is null)
                {
                    if (segment.Capacity == 0)
                    {
                        return gaveUpTail;
                    }

                    next = LinkStub(segment);
                    gaveUpTail = true;
                }
            }
            else if (expired is not null && HasExpired(segment, state, expired) && TryShutTail(segment))
            {
                next = LinkStub(segment);
                gaveUpTail = true;
            }
            else
            {
                // Entries under way, or an empty tail that is still young.
                return gaveUpTail;
            }

            MoveOldest(next);
        }
    }

    /// <summary>
    /// Whether the newest entry of a segment whose entries have all left the window is also too old to keep the memory for.
    /// A tail that never had an entry is left alone: whoever linked it is about to use it, and would else link another, for ever.
    /// </summary>
    private bool HasExpired<TState>(LogSegment segment, TState state, ExpiredPredicate<TState> expired)
        => _lastDropped >= 0 && expired(segment.Bytes.AsSpan(_lastDropped, _oldestOffset - _lastDropped), state);

    /// <summary>Seals the tail where the window ends, unless something was claimed there meanwhile.</summary>
    private bool TryShutTail(LogSegment segment)
    {
        TailWord word = segment.ReadTail();
        if (word.Bytes != _oldestOffset || !segment.TryShut(word))
        {
            return false;
        }

        segment.Seal(word);
        return true;
    }

    /// <summary>Lets the chain go on without memory. An appender may be faster with a real segment, which is as good.</summary>
    private static LogSegment LinkStub(LogSegment segment) => segment.Link(LogSegment.Stub(segment.NextFirst, segment.Base + segment.AwaitEnd()));

    /// <summary>Steps to the next segment: takes the new reference before it drops the old one, which keeps the new one alive until then.</summary>
    private void MoveOldest(LogSegment next)
    {
        LogSegment done = _oldest!;
        next.AddReference();
        _oldest = next;
        _oldestOffset = 0;
        _lastDropped = -1;
        if (ReferenceEquals(_tailHint, done))
        {
            _tailHint = next;
        }

        Release(done);
    }
}
