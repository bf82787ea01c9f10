using System.Net;

namespace LanChat.Discovery;

/// <summary>Decides which questions are answered, by the answers of the last two seconds: each question once, and few enough that nobody can make a server
/// flood anyone. Its caller takes care that one thread at a time is here.</summary>
internal sealed class ReplyLimits
{
    /// <summary>Twice the second for which the rates hold, so that a few clients on one machine that start together are all answered.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <summary>5 a second to one address.</summary>
    internal const int MaxPerSource = 10;

    /// <summary>50 a second in all. It also bounds what is remembered.</summary>
    internal const int MaxInAll = 100;

    private readonly Queue<(TimeSpan At, IPAddress Source, ulong Nonce)> _answered = new();

    /// <summary>Takes the right to answer a question, if there is one.</summary>
    internal bool TryTake(TimeSpan now, IPAddress source, ulong nonce)
    {
        while (_answered.TryPeek(out var oldest) && now - oldest.At >= Window)
        {
            _answered.Dequeue();
        }

        if (_answered.Count >= MaxInAll)
        {
            return false;
        }

        int toSource = 0;
        foreach ((_, IPAddress answered, ulong other) in _answered)
        {
            if (answered.Equals(source))
            {
                // The same question comes once by each way that leads here.
                toSource = other == nonce ? MaxPerSource : toSource + 1;
                if (toSource >= MaxPerSource)
                {
                    return false;
                }
            }
        }

        _answered.Enqueue((now, source, nonce));
        return true;
    }
}
