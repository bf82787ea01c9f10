using LanChat.Tests.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Many senders and readers on many threads, cancelled, stopped and cut at random: what is sent has one outcome, what is read has no silent
/// hole, and everything ends.</summary>
public abstract class ClientStressTests(bool isTls)
{
    private const int Senders = 4;

    [Fact]
    public async Task Whatever_happens_every_send_has_one_outcome_and_every_reader_no_silent_hole()
    {
        int runs = FuzzRun.IsLong ? 2000 : 60;
        for (int run = 0; run < runs; run++)
        {
            int seed = unchecked(FuzzRun.Seed + run);
            try
            {
                await RunAsync(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Run {run} failed; repeat with LANCHAT_TEST_SEED={seed}", exception);
            }
        }
    }

    private async Task RunAsync(Random random)
    {
        var server = new ScriptedServer(isTls)
        {
            CutAfterBytes = random.Next(3) == 0 ? random.Next(400, 20_000) : long.MaxValue,
            CutsHard = random.Next(2) == 0,
            PieceBytes = random.Next(2) == 0 ? int.MaxValue : random.Next(1, 100),
        };
        Task serving = Task.Run(new ScriptedEcho(server).RunAsync);
        ChatClient client;
        ChatRoom room;
        try
        {
            client = await server.ConnectAsync(new ChatClientOptions
            {
                Name = "ada",
                MaxBufferedEvents = random.Next(1, 20),
                MaxOpenSends = random.Next(1, 20),
            }).Soon();
            room = await client.JoinAsync("lobby").Soon();
        }
        catch (ChatException)
        {
            await serving.Soon();
            return;
        }

        using var cancel = new CancellationTokenSource();
        Task<(long First, long Last, bool HasHole)>[] readers = [.. Enumerable.Range(0, 3).Select(_ => ReadAsync(room, random.Next()))];
        Task<List<SendResult>>[] senders = [.. Enumerable.Range(0, Senders).Select(i => SendAsync(room, random.Next(), i % 2 == 0 ? cancel.Token : default))];
        int ending = random.Next(3);
        if (ending == 0)
        {
            await cancel.CancelAsync();
        }
        else if (ending == 1)
        {
            await client.StopAsync().Soon();
        }

        List<SendResult>[] results = await Task.WhenAll(senders).Soon();
        await client.DisposeAsync().Soon();
        await serving.Soon();

        List<SendResult> sent = [.. results.SelectMany(r => r).Where(r => r.Id != 0)];
        Assert.Equal(sent.Count, sent.Select(r => r.Id).Distinct().Count());
        List<long> sequences = [.. sent.Where(r => r.IsAccepted).Select(r => r.Sequence)];
        Assert.Equal(sequences.Count, sequences.Distinct().Count());
        foreach ((long first, long last, bool hasHole) in await Task.WhenAll(readers).Soon())
        {
            Assert.False(hasHole);
            Assert.True(sequences.Count == 0 || first == 0 || last >= sequences.Max(), $"A reader ended at {last}.");
        }
    }

    private static Task<List<SendResult>> SendAsync(ChatRoom room, int seed, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        var random = new Random(seed);
        var results = new List<SendResult>();
        try
        {
            for (int i = 0; i < 50; i++)
            {
                Task<SendResult>[] batch = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => room.SendAsync("hello", cancellationToken).AsTask())];
                foreach (Task<SendResult> send in batch)
                {
                    results.Add(await send.Soon());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Never sent, and never will be.
        }

        return results;
    });

    private static Task<(long First, long Last, bool HasHole)> ReadAsync(ChatRoom room, int seed)
    {
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        return Task.Run(async () =>
        {
            var random = new Random(seed);
            (long first, long last, bool hasHole) = (0, 0, false);
            await foreach (RoomEvent e in events)
            {
                (long from, long to) = e is Gap gap ? (gap.From, gap.To) : (e.Sequence, e.Sequence);
                hasHole |= last != 0 && from != last + 1;
                first = first == 0 ? from : first;
                last = to;
                if (random.Next(20) == 0)
                {
                    // Sending inside the reading loop is legal, whatever else goes on.
                    await room.SendAsync("from inside").Soon();
                }
                else if (random.Next(4) == 0)
                {
                    await Task.Yield();
                }
            }

            return (first, last, hasHole);
        });
    }
}
