namespace LanChat.Throughput;

/// <summary>What an idle member takes of the server's memory: what the second half of the members adds to it, so that what a server takes for itself does not count.</summary>
internal static class IdleMeasurement
{
    internal static Result Run(Contestant contestant, Case shape, RunOptions options, Action<string> progress, CancellationToken cancellation)
    {
        Result result = MessageMeasurement.New(contestant, shape) with { PayloadBytes = 0 };
        using var server = new ServerProcess(contestant, shape.Loops);
        if (server.WaitUntilListening(cancellation) is { } why)
        {
            return result with { Failure = why };
        }

        using var crowd = new Crowd(contestant, server.Port, shape.PayloadBytes, cancellation);
        var room = new Room("bench-idle", 0, 1, shape.Members);
        int half = shape.Members / 2;
        progress($"{half} members");
        long before = Resident(0, half);
        progress($"{shape.Members} members");
        long after = Resident(half, shape.Members);
        return crowd.HasFailed
            ? result with { Failure = crowd.Failure }
            : result with { Runs = 1, BytesPerMember = (double)(after - before) / (shape.Members - half) };

        long Resident(int from, int to)
        {
            for (int receiver = from; receiver < to && !crowd.HasFailed; receiver++)
            {
                crowd.Open(room, publisher: -1, receiver);
            }

            if (!crowd.HasFailed)
            {
                crowd.WaitUntilReady();
                crowd.Rest(options.IdleTime);
            }

            return crowd.HasFailed ? 0 : server.Meter.ResidentBytes();
        }
    }
}
