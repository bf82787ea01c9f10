namespace LanChat.Throughput;

/// <summary>How many connections with full TLS handshakes one core of the server takes in a second, the protocol's own opening included.</summary>
internal static class HandshakeMeasurement
{
    private const int FirstMembers = 64;

    internal static Result Run(Contestant contestant, Case shape, CancellationToken cancellation)
    {
        Result result = MessageMeasurement.New(contestant, shape) with { PayloadBytes = 0 };
        using var server = new ServerProcess(contestant, shape.Loops);
        if (server.WaitUntilListening(cancellation) is { } why)
        {
            return result with { Failure = why };
        }

        using var crowd = new Crowd(contestant, server.Port, shape.PayloadBytes, cancellation);
        var room = new Room("bench-handshakes", 0, 1, FirstMembers + shape.Members);
        Open(0, FirstMembers);
        long used = server.Meter.CpuNanoseconds();
        Open(FirstMembers, FirstMembers + shape.Members);
        used = server.Meter.CpuNanoseconds() - used;
        return crowd.HasFailed ? result with { Failure = crowd.Failure } : result with { Runs = 1, HandshakesPerSecond = shape.Members * 1e9 / used };

        void Open(int from, int to)
        {
            for (int receiver = from; receiver < to && !crowd.HasFailed; receiver++)
            {
                crowd.Open(room, publisher: -1, receiver);
            }

            crowd.WaitUntilReady();
        }
    }
}
