namespace LanChat.Throughput;

/// <summary>A server with everybody connected to it, ready to talk: one of the two that are measured in turns.</summary>
internal sealed class Side : IDisposable
{
    private readonly ServerProcess _server;
    private readonly Crowd? _crowd;
    private readonly Conversation? _conversation;

    internal Side(Contestant contestant, Case shape, CancellationToken cancellation)
    {
        _server = new ServerProcess(contestant, shape.Loops);
        try
        {
            Failure = _server.WaitUntilListening(cancellation);
            if (Failure is null)
            {
                _crowd = new Crowd(contestant, _server.Port, shape.PayloadBytes, cancellation);
                _conversation = new Conversation(_crowd, shape);
                TakeFailure();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Gets why there is nothing to measure, or why the last run is no measurement; null while all is well.</summary>
    internal string? Failure { get; private set; }

    internal Sample? Run(Case shape, TimeSpan warmUp, TimeSpan measured)
    {
        if (Failure is not null)
        {
            return null;
        }

        Sample? sample = _conversation!.Run(shape, warmUp, measured, _server.Meter.CpuNanoseconds);
        TakeFailure();
        return sample;
    }

    public void Dispose()
    {
        _crowd?.Dispose();
        _server.Dispose();
    }

    private void TakeFailure()
    {
        if (_crowd is { HasFailed: true })
        {
            Failure = _server.LastWords is { Length: > 0 } words ? $"{_crowd.Failure} The server's last words: {words}" : _crowd.Failure;
        }
    }
}
