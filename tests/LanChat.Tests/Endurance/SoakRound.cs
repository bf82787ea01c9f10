using System.Collections.Concurrent;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>One round of a soak: guests come over a wire that fails now and then, talk, and are gone at the end of it, one way or the other.</summary>
internal sealed class SoakRound(Den den, FaultyRelay relay, TimeProvider time, int seed, int guests, int messages, int messagesPerCut)
{
    private readonly ConcurrentDictionary<DisconnectReason, int> _ends = new();
    private readonly ConcurrentQueue<RelayedConnection> _frozen = new();
    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Random _random = new(seed);
    private int _confirmed;
    private int _unconfirmed;
    private int _cuts;

    internal async Task RunAsync()
    {
        Task[] lives = [.. Enumerable.Range(0, guests).Select(guest => Task.Run(() => LiveAsync(guest)))];
        await Task.WhenAll(lives).WaitAsync(Den.Patience);

        // Whoever was out of reach has noticed it by now, and so has the server.
        foreach (RelayedConnection connection in _frozen)
        {
            connection.Reset();
        }
    }

    public override string ToString() =>
        $"{_confirmed} confirmed, {_unconfirmed} not, {_cuts} cuts, {_frozen.Count} out of reach; ends: {string.Join(", ", _ends.OrderBy(end => end.Key).Select(end => $"{end.Value} {end.Key}"))}";

    private async Task LiveAsync(int guest)
    {
        ChatClientOptions options = TestClient.Options with
        {
            Name = $"guest-of-round-{guest}",
            Plaintext = guest % 2 == 0,
            MaxBufferedEvents = 32,
            MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
            TimeProvider = time,
        };
        ChatClient client;
        ChatRoom lobby;
        try
        {
            client = await den.ConnectAsync(options, relay.EndPoint);
        }
        catch (ChatException e)
        {
            Count(e.Reason);
            return;
        }

        await using (client)
        {
            try
            {
                lobby = await client.JoinAsync("lobby").AsTask().WaitAsync(Den.Patience);
            }
            catch (ChatException e)
            {
                Count(e.Reason);
                return;
            }

            Task reading = ReadAsync(lobby, isSlow: guest % 4 == 1);
            await TalkAsync(lobby);
            await client.StopAsync().AsTask().WaitAsync(Den.Patience);
            Count(await client.Completion);
            await reading.WaitAsync(Den.Patience);
        }
    }

    private async Task TalkAsync(ChatRoom lobby)
    {
        for (int i = 0; i < messages; i++)
        {
            SendResult sent = await lobby.SendAsync($"message {i}").AsTask().WaitAsync(Den.Patience);
            if (sent.IsAccepted)
            {
                MakeTrouble();
                continue;
            }

            // Its session was not there any more: cut off before it had said anything, or for longer than the window.
            Assert.Equal(SendOutcome.Unknown, sent.Outcome);
            lock (_gate)
            {
                _unconfirmed++;
            }
        }
    }

    /// <summary>Cuts a connection now and then, and holds up one in each round. The last quarter goes by in peace, or goodbyes would be cut off, and the server wait for who said them.</summary>
    private void MakeTrouble()
    {
        lock (_gate)
        {
            _confirmed++;
            if (_confirmed == guests * messages / 3 && relay.Open is { Length: > 0 } open && open[_random.Next(open.Length)] is { } connection && connection.TryFreeze())
            {
                _frozen.Enqueue(connection);
            }
            else if (_confirmed < guests * messages * 3 / 4 && _confirmed % messagesPerCut == 0 && relay.CutOne(_random))
            {
                _cuts++;
            }
        }
    }

    private static async Task ReadAsync(ChatRoom lobby, bool isSlow)
    {
        long last = 0;
        await foreach (RoomEvent e in lobby.ReadAllAsync())
        {
            if (e is Resumed)
            {
                continue;
            }

            (long from, long to) = e is Gap gap ? (gap.From, gap.To) : (e.Sequence, e.Sequence);
            Assert.True(last == 0 || from == last + 1, $"{from} came after {last}, and nobody said so.");
            last = to;
            if (isSlow)
            {
                // Its pace, not a wait for anything.
                await Task.Delay(1);
            }
        }
    }

    private void Count(DisconnectReason reason) => _ends.AddOrUpdate(reason, 1, static (_, count) => count + 1);
}
