using System.Security.Cryptography;

namespace LanChat.Discovery;

/// <summary>The questions of late: an answer counts only if it has the nonce of one.</summary>
internal sealed class Questions
{
    /// <summary>Answers later than this are as good as lost; and nobody can use recorded ones.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly Queue<(ulong Nonce, TimeSpan At)> _asked = new();

    /// <summary>Makes a new one.</summary>
    /// <returns>Its nonce.</returns>
    internal ulong Add(TimeSpan now)
    {
        Forget(now);
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        ulong nonce = BitConverter.ToUInt64(random);
        _asked.Enqueue((nonce, now));
        return nonce;
    }

    /// <summary>Gets when a question was asked; null when it was not, or too long ago.</summary>
    internal TimeSpan? Find(ulong nonce, TimeSpan now)
    {
        Forget(now);
        foreach ((ulong asked, TimeSpan at) in _asked)
        {
            if (asked == nonce)
            {
                return at;
            }
        }

        return null;
    }

    private void Forget(TimeSpan now)
    {
        while (_asked.TryPeek(out var oldest) && now - oldest.At > Lifetime)
        {
            _asked.Dequeue();
        }
    }
}
