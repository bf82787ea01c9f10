using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace LanChat.Discovery;

/// <summary>What a reader has not been told yet. It holds one change for each server, the latest, however slow the reader is; one that came and went unseen is
/// none.</summary>
internal sealed class ChangeFeed
{
    private readonly Lock _gate = new();

    // What the reader was told last, and what it is to be told; null for a server that is lost.
    private readonly Dictionary<ServerId, DiscoveredServer> _told = [];
    private readonly OrderedDictionary<ServerId, (DiscoveredServer? Server, ServerLostReason Reason)> _untold = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal void Set(DiscoveredServer server)
    {
        lock (_gate)
        {
            _untold[server.Id] = (server, default);
        }

        _wake.Writer.TryWrite(true);
    }

    internal void Remove(ServerId id, ServerLostReason reason)
    {
        lock (_gate)
        {
            if (!_told.ContainsKey(id))
            {
                _untold.Remove(id);
                return;
            }

            _untold[id] = (null, reason);
        }

        _wake.Writer.TryWrite(true);
    }

    internal bool TryTake([NotNullWhen(true)] out DiscoveryEvent? change)
    {
        lock (_gate)
        {
            while (_untold.Count > 0)
            {
                (ServerId id, (DiscoveredServer? server, ServerLostReason reason)) = _untold.GetAt(0);
                _untold.RemoveAt(0);
                bool wasTold = _told.TryGetValue(id, out DiscoveredServer? before);
                if (server is null)
                {
                    _told.Remove(id);
                    change = new ServerLost(before!, reason);
                    return true;
                }

                if (wasTold && server.SaysTheSameAs(before!))
                {
                    continue;
                }

                _told[id] = server;
                change = wasTold ? new ServerUpdated(server) : new ServerFound(server);
                return true;
            }
        }

        change = null;
        return false;
    }

    /// <summary>Waits until there may be something to take.</summary>
    internal async ValueTask WaitAsync(CancellationToken cancellationToken) =>
        await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
