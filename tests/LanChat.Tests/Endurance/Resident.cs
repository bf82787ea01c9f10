using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Somebody who stays, talks all the time and keeps an eye on who is there.</summary>
internal sealed class Resident
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ChatClient _client;
    private readonly ChatRoom[] _rooms;
    private readonly Lock _gate = new();

    // Under the gate: how often "it is quiet" was heard since somebody waited for it, and how often it is to be.
    private readonly int[] _quiet;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task[] _loops = [];

    private Resident(ChatClient client, ChatRoom[] rooms)
    {
        _client = client;
        _rooms = rooms;
        _quiet = new int[rooms.Length];
    }

    internal string Name => _client.Name;

    internal static async Task<Resident> JoinAsync(Den den, string name, IReadOnlyList<string> rooms, TimeProvider time)
    {
        ChatClient client = await den.ConnectAsync(TestClient.Options with { Name = name, Plaintext = true, TimeProvider = time, MaxBufferedEvents = 1 << 16 });
        var joined = new ChatRoom[rooms.Count];
        for (int i = 0; i < joined.Length; i++)
        {
            joined[i] = await client.JoinAsync(rooms[i]);
        }

        var resident = new Resident(client, joined);
        resident._loops = [.. joined.Select((room, n) => Task.Run(() => resident.ReadAsync(room, n))), .. joined.Select(room => Task.Run(() => resident.TalkAsync(room)))];
        return resident;
    }

    /// <summary>Who is there, by each of the rooms, sorted.</summary>
    internal IEnumerable<IEnumerable<string>> Rosters() => _rooms.Select(room => room.Members.Order(StringComparer.Ordinal));

    internal async Task SayToAllAsync(string text)
    {
        foreach (ChatRoom room in _rooms)
        {
            SendResult sent = await room.SendAsync(text).AsTask().WaitAsync(Den.Patience);
            Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason} {sent.Text}");
        }
    }

    /// <summary>Waits until "it is quiet" was heard that often in each room, and starts to count anew.</summary>
    internal async Task WhenQuietAsync(int times)
    {
        while (true)
        {
            Task heard;
            lock (_gate)
            {
                if (_quiet.All(count => count >= times))
                {
                    Array.Clear(_quiet);
                    return;
                }

                heard = _heard.Task;
            }

            await heard.WaitAsync(Den.Patience);
        }
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _client.DisposeAsync();
        await Task.WhenAll(_loops).WaitAsync(Den.Patience);
        _stop.Dispose();
    }

    private async Task ReadAsync(ChatRoom room, int number)
    {
        long last = 0;
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            if (e is Resumed)
            {
                // On a machine that is too busy for its heartbeat. What follows must follow all the same.
                continue;
            }

            Assert.IsNotType<Gap>(e);
            Assert.True(last == 0 || e.Sequence == last + 1, $"{e.Sequence} came after {last}.");
            last = e.Sequence;
            if (e is MessageReceived { Text: "it is quiet" })
            {
                lock (_gate)
                {
                    _quiet[number]++;
                    _heard.SetResult();
                    _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    // A word and its confirmation, again and again: as fast as the room takes it, and no faster.
    private async Task TalkAsync(ChatRoom room)
    {
        while (!_stop.IsCancellationRequested)
        {
            SendResult sent = await room.SendAsync("and so on").AsTask().WaitAsync(Den.Patience);
            Assert.True(sent.IsAccepted || _stop.IsCancellationRequested, $"{sent.Outcome} {sent.Reason} {sent.Text}");
        }
    }
}
