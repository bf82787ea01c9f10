using System.Net;

namespace LanChat.Security;

/// <summary>How often an address may prove wrongly: five times, then nothing that it shows is looked at until a minute after the first. Any thread may call it.</summary>
/// <remarks>Loopback counts like any other address: other users, forwarded ports and web pages come from there too. A right proof costs nothing. The table is bounded: who has more addresses than
/// it has places is not held up by them anyway, so the one whose minute began first is forgotten then.</remarks>
internal sealed class ProofLimits(TimeProvider time)
{
    internal const int MaxWrong = 5;
    internal const int MaxAddresses = 4_096;
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Count> _byAddress = [];

    /// <summary>Takes one of the attempts. False: there is none left.</summary>
    internal bool TryTake(IPAddress address)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            if (_byAddress.TryGetValue(address, out Count count) && !IsOver(count, now))
            {
                if (count.Wrong >= MaxWrong)
                {
                    return false;
                }

                _byAddress[address] = count with { Wrong = count.Wrong + 1 };
                return true;
            }

            _byAddress.Remove(address);
            if (_byAddress.Count == MaxAddresses)
            {
                Forget(now);
            }

            _byAddress[address] = new Count(now, 1);
            return true;
        }
    }

    /// <summary>Whether another attempt would be looked at.</summary>
    internal bool HasLeft(IPAddress address)
    {
        lock (_gate)
        {
            return !_byAddress.TryGetValue(address, out Count count) || count.Wrong < MaxWrong || IsOver(count, time.GetTimestamp());
        }
    }

    /// <summary>The attempt was right: it does not count.</summary>
    internal void GiveBack(IPAddress address)
    {
        lock (_gate)
        {
            if (_byAddress.TryGetValue(address, out Count count))
            {
                if (count.Wrong > 1)
                {
                    _byAddress[address] = count with { Wrong = count.Wrong - 1 };
                }
                else
                {
                    _byAddress.Remove(address);
                }
            }
        }
    }

    private bool IsOver(Count count, long now) => time.GetElapsedTime(count.Since, now) >= Window;

    private void Forget(long now)
    {
        KeyValuePair<IPAddress, Count> oldest = default;
        foreach (KeyValuePair<IPAddress, Count> each in _byAddress)
        {
            if (IsOver(each.Value, now))
            {
                // Removing is all that a dictionary allows while it is walked through.
                _byAddress.Remove(each.Key);
            }
            else if (oldest.Key is null || each.Value.Since < oldest.Value.Since)
            {
                oldest = each;
            }
        }

        if (_byAddress.Count == MaxAddresses)
        {
            _byAddress.Remove(oldest.Key);
        }
    }

    private readonly record struct Count(long Since, int Wrong);
}
