using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>Asks the user's callback how many members there are. When it throws, the last number counts, and the first such exception is logged. One thread at a time.</summary>
internal sealed class MemberCount(Func<int> count, ILogger logger)
{
    private int _last;
    private bool _hasFailed;

    internal int Get()
    {
        try
        {
            _last = count();
        }
        catch (Exception exception)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                Log.DiscoveryFailed(logger, "the count of members, so that the last number is told", exception);
            }
        }

        return _last;
    }
}
