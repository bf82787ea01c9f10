using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>One direction of a connection in memory, with every fault a wire can have, each at the exact byte a test asks for.</summary>
/// <remarks>Thread-safe. Without faults: bytes written can be read at once, up to <see cref="Capacity"/> unread ones.</remarks>
internal sealed class MemoryDirection(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Bytes under way, each with the time at which it arrives; count 0 = the end.</summary>
    private readonly Queue<(long Arrives, int Count)> _travelling = new();
    private byte[] _bytes = new byte[256];
    private int _start;
    private int _unread;
    private int _arrived;
    private long _written;
    private long _cutAt = long.MaxValue;
    private bool _cutResets;
    private bool _isEnding;
    private bool _isReset;
    private bool _isStalled;
    private int _capacity = int.MaxValue;
    private ITimer? _arrival;

    /// <summary>Something changed for the reader or for the writer. Called outside the lock.</summary>
    internal event Action? Changed;

    /// <summary>A reset passes to the other direction as well.</summary>
    internal event Action? WasReset;

    /// <summary>How many unread bytes fit; a write takes no more.</summary>
    internal int Capacity
    {
        get => _capacity;
        set
        {
            _capacity = value;
            Changed?.Invoke();
        }
    }

    /// <summary>While set nothing is delivered: no bytes, no end, no reset. With it set on both directions the connection is half open.</summary>
    internal bool IsStalled
    {
        get => _isStalled;
        set
        {
            _isStalled = value;
            Changed?.Invoke();
        }
    }

    /// <summary>How long bytes, and the end, are under way.</summary>
    internal TimeSpan Delay { get; set; }

    /// <summary>How many bytes the next read gets at most; null = all there are. See <see cref="Pieces"/>.</summary>
    internal Func<int>? NextPiece { get; set; }

    /// <summary>Bytes accepted so far.</summary>
    internal long Written
    {
        get
        {
            lock (_gate)
            {
                return _written;
            }
        }
    }

    internal bool IsReadable
    {
        get
        {
            lock (_gate)
            {
                return !_isStalled && (_arrived > 0 || _isReset || HasEnded);
            }
        }
    }

    internal bool IsWritable
    {
        get
        {
            lock (_gate)
            {
                return _isReset || _unread < _capacity;
            }
        }
    }

    private bool HasEnded => _isEnding && _unread == 0 && _travelling.Count == 0;

    /// <summary>Only the first <paramref name="position"/> bytes ever arrive, and after them the end, or a reset of both directions.</summary>
    internal void CutAt(long position, bool reset)
    {
        lock (_gate)
        {
            _cutAt = position;
            _cutResets = reset;
        }

        CutIfReached();
    }

    /// <summary>Takes as many bytes as fit; false = reset.</summary>
    internal bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        lock (_gate)
        {
            taken = 0;
            if (_isReset)
            {
                return false;
            }

            taken = Math.Clamp(_capacity - _unread, 0, bytes.Length);
            // What is beyond the cut is taken, as by a wire that nobody holds at the other end.
            int kept = _isEnding ? 0 : (int)Math.Clamp(_cutAt - _written, 0, taken);
            Append(bytes[..kept]);
            _written += taken;
            Travel(kept);
        }

        if (taken > 0)
        {
            CutIfReached();
            Changed?.Invoke();
        }

        return true;
    }

    /// <summary>The writer will write no more.</summary>
    internal void End()
    {
        lock (_gate)
        {
            if (_isEnding)
            {
                return;
            }

            _isEnding = true;
            if (Delay > TimeSpan.Zero || _travelling.Count > 0)
            {
                _travelling.Enqueue((time.GetTimestamp() + Ticks(Delay), 0));
                SetArrival();
            }
        }

        Changed?.Invoke();
    }

    /// <summary>Both sides fail from now on; the reader still gets what had arrived if <paramref name="keepArrived"/>.</summary>
    internal void Reset(bool keepArrived = false)
    {
        lock (_gate)
        {
            if (_isReset)
            {
                return;
            }

            _isReset = true;
            _arrived = keepArrived ? _unread : 0;
            _travelling.Clear();
        }

        Changed?.Invoke();
        WasReset?.Invoke();
    }

    internal LinkStatus Read(Span<byte> into, out int read)
    {
        lock (_gate)
        {
            read = 0;
            if (_isStalled || into.IsEmpty)
            {
                return LinkStatus.WouldBlock;
            }

            if (_arrived == 0)
            {
                return _isReset ? LinkStatus.Broken : HasEnded ? LinkStatus.Ended : LinkStatus.WouldBlock;
            }

            read = Math.Min(_arrived, into.Length);
            read = NextPiece is null ? read : Math.Clamp(NextPiece(), 1, read);
            _bytes.AsSpan(_start, read).CopyTo(into);
            _start += read;
            _unread -= read;
            _arrived -= read;
        }

        Changed?.Invoke();
        return LinkStatus.Ok;
    }

    public void Dispose() => _arrival?.Dispose();

    private void CutIfReached()
    {
        bool reset;
        lock (_gate)
        {
            if (_written < _cutAt || _isReset || (_isEnding && !_cutResets))
            {
                return;
            }

            reset = _cutResets;
        }

        if (reset)
        {
            Reset(keepArrived: true);
        }
        else
        {
            End();
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start + _unread + bytes.Length > _bytes.Length)
        {
            byte[] target = _unread + bytes.Length > _bytes.Length / 2 ? new byte[2 * (_unread + bytes.Length)] : _bytes;
            _bytes.AsSpan(_start, _unread).CopyTo(target);
            (_bytes, _start) = (target, 0);
        }

        bytes.CopyTo(_bytes.AsSpan(_start + _unread));
        _unread += bytes.Length;
    }

    private void Travel(int count)
    {
        if (Delay == TimeSpan.Zero && _travelling.Count == 0)
        {
            _arrived += count;
        }
        else if (count > 0)
        {
            _travelling.Enqueue((time.GetTimestamp() + Ticks(Delay), count));
            SetArrival();
        }
    }

    private void SetArrival()
    {
        _arrival ??= time.CreateTimer(static direction => ((MemoryDirection)direction!).Arrive(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        long wait = Math.Max(0, _travelling.Peek().Arrives - time.GetTimestamp());
        _arrival.Change(TimeSpan.FromSeconds((double)wait / time.TimestampFrequency), Timeout.InfiniteTimeSpan);
    }

    private void Arrive()
    {
        lock (_gate)
        {
            while (_travelling.TryPeek(out (long Arrives, int Count) next) && next.Arrives <= time.GetTimestamp())
            {
                _travelling.Dequeue();
                _arrived += next.Count;
            }

            if (_travelling.Count > 0)
            {
                SetArrival();
            }
        }

        Changed?.Invoke();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
