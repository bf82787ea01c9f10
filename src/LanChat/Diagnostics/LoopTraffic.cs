namespace LanChat.Diagnostics;

/// <summary>What one loop has sent: two numbers that only the loop's thread writes. The meter adds up the loops of the process when somebody asks, so a send pays for no instrument.</summary>
internal sealed class LoopTraffic : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly List<LoopTraffic> Living = [];

    // What those that have ended had sent: a counter never goes back. Under the gate, as the list.
    private static long _endedSends;
    private static long _endedBytes;

    private long _sends;
    private long _bytes;

    internal LoopTraffic()
    {
        lock (Gate)
        {
            Living.Add(this);
        }
    }

    /// <summary>Gets how many sends all loops have made, now and before. Any thread.</summary>
    internal static long Sends
    {
        get
        {
            lock (Gate)
            {
                return _endedSends + Living.Sum(static one => Volatile.Read(ref one._sends));
            }
        }
    }

    /// <summary>Gets how many bytes went out with them. Any thread.</summary>
    internal static long Bytes
    {
        get
        {
            lock (Gate)
            {
                return _endedBytes + Living.Sum(static one => Volatile.Read(ref one._bytes));
            }
        }
    }

    /// <summary>Counts one send. The loop's thread only: nobody else writes, so no addition is lost.</summary>
    internal void Sent(int bytes)
    {
        Volatile.Write(ref _sends, _sends + 1);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    /// <summary>After the loop has ended.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (Living.Remove(this))
            {
                _endedSends += _sends;
                _endedBytes += _bytes;
            }
        }
    }
}
