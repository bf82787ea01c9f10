using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>Checks one contestant: everybody gets what they should, whole, once and in order, however the bytes are cut.</summary>
internal static class ContestantCheck
{
    /// <summary>Messages for the check of lengths: some short, some long.</summary>
    private const int AloneCount = 8;

    /// <summary>How many messages of each publisher are under way at most. Some servers drop or end who is too far behind, as they should.</summary>
    private const int Window = 50;

    /// <summary>Runs all checks against a server of its own. Gives what went wrong, or null.</summary>
    internal static async Task<string?> RunAsync(Contestant contestant, int messages, CancellationToken cancellationToken)
    {
        using var server = new ServerProcess(contestant, loops: 1);
        try
        {
            if (server.WaitUntilListening(cancellationToken) is { } why)
            {
                return why;
            }

            await LengthsAsync(contestant, server.Port, cancellationToken);
            await OnePublisherAsync(contestant, server.Port, messages, cancellationToken);
            await AllPublishAsync(contestant, server.Port, messages, cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidDataException or OperationCanceledException)
        {
            return $"{exception.Message} {server.LastWords}";
        }
    }

    /// <summary>One that only publishes and three that receive, whose bytes come to the parser one by one.</summary>
    private static async Task OnePublisherAsync(Contestant contestant, int port, int messages, CancellationToken cancellationToken)
    {
        await using var all = new CheckedConnections();
        for (int i = 0; i < 3; i++)
        {
            await all.OpenAsync(contestant, port, new CheckedMember("one", Receives: true, Hears: [3], BytesAtOnce: 1), cancellationToken);
        }

        CheckedConnection publisher = await all.OpenAsync(contestant, port, new CheckedMember("one", Receives: false, Hears: [], BytesAtOnce: 1), cancellationToken);
        await all.WaitReadyAsync(cancellationToken);

        for (int number = 0; number < messages; number++)
        {
            await publisher.PublishAsync(3, number, cancellationToken);
            await all.WaitAsync(number + 1 - Window, cancellationToken);
        }

        await all.WaitAsync(messages, cancellationToken);
    }

    /// <summary>One message at a time, so that the length of each is seen.</summary>
    private static async Task LengthsAsync(Contestant contestant, int port, CancellationToken cancellationToken)
    {
        await using var all = new CheckedConnections();
        CheckedConnection receiver = await all.OpenAsync(contestant, port, new CheckedMember("one", Receives: true, Hears: [1], BytesAtOnce: 1), cancellationToken);
        CheckedConnection publisher = await all.OpenAsync(contestant, port, new CheckedMember("one", Receives: false, Hears: [], BytesAtOnce: 1), cancellationToken);
        await all.WaitReadyAsync(cancellationToken);

        var shortest = new Dictionary<int, int>();
        for (int number = 0; number < AloneCount; number++)
        {
            await publisher.PublishAsync(1, number, cancellationToken);
            await receiver.WaitAsync(number + 1, cancellationToken);

            // Where a server says something else in between (a PING, who came), that is counted too: so the shortest tells.
            int payloadBytes = CheckPayload.Bytes(number);
            shortest[payloadBytes] = Math.Min(receiver.NewestBytes, shortest.GetValueOrDefault(payloadBytes, int.MaxValue));
        }

        foreach ((int payloadBytes, int bytes) in shortest)
        {
            int expected = receiver.Wire.DeliveredBytes(payloadBytes);
            if (bytes != expected)
            {
                throw new InvalidDataException($"A message of {payloadBytes} bytes takes {bytes} on the wire, and should take {expected}.");
            }
        }
    }

    /// <summary>Two members in each of two rooms, all publishing at the same time; the bytes come in pieces that fit nothing.</summary>
    private static async Task AllPublishAsync(Contestant contestant, int port, int messages, CancellationToken cancellationToken)
    {
        await using var all = new CheckedConnections();
        for (int i = 0; i < 4; i++)
        {
            int room = i % 2;
            int[] members = contestant.HasRooms ? [room, room + 2] : [0, 1, 2, 3];
            int[] hears = [.. members.Where(member => member != i || contestant.EchoesOwn)];
            await all.OpenAsync(contestant, port, new CheckedMember($"room-{room}", Receives: true, hears, BytesAtOnce: 61), cancellationToken);
        }

        await all.WaitReadyAsync(cancellationToken);
        for (int number = 0; number < messages; number++)
        {
            int sent = number;
            await Task.WhenAll(all.Receivers.Select((member, index) => member.PublishAsync(index, sent, cancellationToken)));
            await all.WaitAsync(number + 1 - Window, cancellationToken);
        }

        await all.WaitAsync(messages, cancellationToken);
    }
}
