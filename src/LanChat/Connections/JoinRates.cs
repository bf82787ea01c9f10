using LanChat.Transport;

namespace LanChat.Connections;

/// <summary>Bounds how many new sessions the callers at one address start. Any thread may call it. Callers on this machine are not counted.</summary>
/// <remarks>An address is remembered by one time: when its allowance will be whole again, which each session puts off by one interval. One that is whole is as good as forgotten. When the table
/// is full, the address that is nearest to being whole is forgotten: one that is out of its allowance stays, whatever number of others somebody brings along to push it out.</remarks>
internal sealed class JoinRates(ChatServerOptions options)
{
    /// <summary>More addresses than a network of this kind has; some 200 KiB.</summary>
    private const int MaxAddresses = 4096;

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly long _interval = Math.Max(1, options.TimeProvider.TimestampFrequency * 60 / options.JoinRatePerAddress);
    private readonly Lock _gate = new();

    // Under the gate. Timestamps.
    private readonly Dictionary<SourceAddress, long> _wholeAt = [];

    /// <summary>Gets how many addresses are remembered.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _wholeAt.Count;
            }
        }
    }

    /// <summary>Takes the right to start a session, if there is one left.</summary>
    internal bool TryTake(SourceAddress? caller)
    {
        if (caller is not { } source)
        {
            return true;
        }

        lock (_gate)
        {
            long now = _time.GetTimestamp();
            bool isKnown = _wholeAt.TryGetValue(source, out long wholeAt);
            wholeAt = Math.Max(isKnown ? wholeAt : now, now) + _interval;
            if (wholeAt - now > _interval * options.JoinBurstPerAddress)
            {
                return false;
            }

            if (!isKnown && _wholeAt.Count >= MaxAddresses)
            {
                MakeRoom(now);
            }

            _wholeAt[source] = wholeAt;
            return true;
        }
    }

    private void MakeRoom(long now)
    {
        SourceAddress nearest = default;
        long nearestAt = long.MaxValue;
        foreach ((SourceAddress source, long wholeAt) in _wholeAt)
        {
            if (wholeAt <= now)
            {
                _wholeAt.Remove(source);
            }
            else if (wholeAt < nearestAt)
            {
                (nearest, nearestAt) = (source, wholeAt);
            }
        }

        if (_wholeAt.Count >= MaxAddresses)
        {
            _wholeAt.Remove(nearest);
        }
    }
}
