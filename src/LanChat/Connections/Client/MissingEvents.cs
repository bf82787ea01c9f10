namespace LanChat.Connections.Client;

/// <summary>What a reader's buffer passed over: a range of sequences, or two with a <see cref="Reset"/> between them, after which the sequences start over.</summary>
/// <remarks>However much is passed over, it is never more than these three. Of several resets the last one says all: whoever hears of it starts afresh.</remarks>
internal struct MissingEvents
{
    private Range _first;
    private Reset? _reset;
    private Range _afterReset;

    internal readonly bool IsAny => _first.IsAny || _reset is not null;

    internal void Add(RoomEvent roomEvent)
    {
        switch (roomEvent)
        {
            case Resumed:
                // It said that nothing was missing; something is, and the range says what.
                break;
            case Reset reset:
                _reset = reset;
                _afterReset = default;
                break;
            default:
                if (_reset is null)
                {
                    _first.Add(roomEvent);
                }
                else
                {
                    _afterReset.Add(roomEvent);
                }

                break;
        }
    }

    /// <summary>Takes the first of what there is to tell.</summary>
    internal RoomEvent Take(string room)
    {
        if (_first.IsAny)
        {
            Gap gap = _first.ToGap(room);
            _first = default;
            return gap;
        }

        Reset reset = _reset!;
        _reset = null;
        _first = _afterReset;
        _afterReset = default;
        return reset;
    }

    /// <summary>Sequences come in order, so a range has no holes of its own.</summary>
    private struct Range
    {
        private long _from;
        private long _to;

        internal readonly bool IsAny => _from != 0;

        internal void Add(RoomEvent roomEvent)
        {
            (long from, long to) = roomEvent is Gap gap ? (gap.From, gap.To) : (roomEvent.Sequence, roomEvent.Sequence);
            _from = _from == 0 ? from : _from;
            _to = to;
        }

        internal readonly Gap ToGap(string room) => new() { Room = room, From = _from, To = _to };
    }
}
