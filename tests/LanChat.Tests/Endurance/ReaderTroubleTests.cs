using System.Collections.Concurrent;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Applications that do the worst in their reading loops, on clients and on the server: nothing hangs, nobody else notices, and every exception reaches whom it belongs to.</summary>
/// <remarks><c>LanChat.Tests --filter-class "*ReaderTroubleTests"</c>. LANCHAT_TEST_TROUBLE_MESSAGES: how much the others talk meanwhile (100 messages each; 2,000 with LANCHAT_TEST_LONG=1).</remarks>
[Collection("whole process")]
public sealed class ReaderTroubleTests : IAsyncLifetime
{
    private const int Others = 3;
    private const string Victim = "victim";

    // Several at once: what one reader does to its client, the others of the same client live through.
    private const int Readers = 3;

    private readonly int _messages = TestLength.Size("LANCHAT_TEST_TROUBLE_MESSAGES", 100, 2_000);
    private readonly UnobservedExceptions _unobserved = new();
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _later = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Den _den = null!;

    /// <summary>All that a client's reader may do; and that a reader of the server's may, which has no connection of its own.</summary>
    public static TheoryData<Trouble> OfClients => [.. Enum.GetValues<Trouble>()];

    public static TheoryData<Trouble> OfTheServer => [Trouble.Throws, Trouble.BlocksItsThread, Trouble.AwaitsForEver, Trouble.Sends, Trouble.KicksAnother, Trouble.StopsTheServer];

    public async ValueTask InitializeAsync() => _den = await Den.OpenAsync(Den.Options with { StopTimeout = TimeSpan.FromSeconds(30) });

    public async ValueTask DisposeAsync()
    {
        _release.Set();
        _later.TrySetResult();
        await _den.DisposeAsync();
        _release.Dispose();
        Assert.Empty(_unobserved.Found);
        _unobserved.Dispose();
    }

    [Theory]
    [MemberData(nameof(OfClients))]
    public async Task Whatever_a_clients_readers_do_the_others_hear_everything(Trouble trouble)
    {
        await using ChatClient odd = await ConnectAsync("odd", buffered: 4);
        ChatRoom room = await odd.JoinAsync("lobby");
        Task[] readers = [.. Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(room.ReadAllAsync(), () => ActAsync(trouble, odd, room))))];
        await OthersTalkAsync(readers, trouble);
        if (trouble is Trouble.BlocksItsThread or Trouble.AwaitsForEver)
        {
            // Its readers are stuck, so its buffers are full; its own sends have their outcome all the same.
            Assert.True((await room.SendAsync("from outside").AsTask().WaitAsync(Den.Patience)).IsAccepted);
            Assert.All(readers, reader => Assert.False(reader.IsCompleted));
        }

        await EndAsync(readers, trouble, odd.DisposeAsync().AsTask());
    }

    [Theory]
    [MemberData(nameof(OfTheServer))]
    public async Task Whatever_the_servers_readers_do_the_others_hear_everything(Trouble trouble)
    {
        Task[] readers = [.. Enumerable.Range(0, Readers).Select(_ => _den.Server.ReadAllAsync())
            .Select(events => Task.Run(() => ReadAsync(events, () => ActOnServerAsync(trouble))))];
        await OthersTalkAsync(readers, trouble);
        await EndAsync(readers, trouble, _den.Server.StopAsync());
    }

    private async Task ActAsync(Trouble trouble, ChatClient odd, ChatRoom room)
    {
        switch (trouble)
        {
            case Trouble.Sends:
                SendResult sent = await room.SendAsync("from inside");
                Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason}");
                break;
            case Trouble.Leaves:
                await room.LeaveAsync();
                break;
            case Trouble.Stops:
                await odd.StopAsync();
                break;
            case Trouble.Disposes:
                await odd.DisposeAsync();
                await odd.DisposeAsync();
                break;
            case Trouble.KicksItself:
                await _den.Server.KickAsync("odd");
                break;
            default:
                await ActOnServerAsync(trouble);
                break;
        }
    }

    private async Task ActOnServerAsync(Trouble trouble)
    {
        switch (trouble)
        {
            case Trouble.Throws:
                throw new InvalidDataException("the application's own");
            case Trouble.BlocksItsThread:
                _begun.TrySetResult();
                _release.Wait();
                break;
            case Trouble.AwaitsForEver:
                _begun.TrySetResult();
                await _later.Task;
                break;
            case Trouble.Sends:
                await _den.Server.NoticeAsync("lobby", "from inside");
                break;
            case Trouble.KicksAnother:
                await _den.Server.KickAsync(Victim);
                break;
            case Trouble.StopsTheServer:
                await _den.Server.StopAsync();
                await _den.Server.DisposeAsync();
                break;
        }
    }

    /// <summary>Reads all there is; in trouble at the first message that somebody else sent.</summary>
    private static async Task ReadAsync(IAsyncEnumerable<RoomEvent> events, Func<Task> act)
    {
        bool isFirst = true;
        await foreach (RoomEvent e in events)
        {
            if (isFirst && e is MessageReceived { IsOwn: false })
            {
                isFirst = false;
                await act();
            }
        }
    }

    /// <summary>The others talk all at once, from before the trouble until long after it began, and each of them hears all of it in one order.</summary>
    private async Task OthersTalkAsync(Task[] readers, Trouble trouble)
    {
        await using ChatClient victim = await ConnectAsync(Victim, buffered: 16);
        await victim.JoinAsync("lobby");
        (ChatClient Client, ChatRoom Room)[] others = new (ChatClient, ChatRoom)[Others];
        for (int i = 0; i < Others; i++)
        {
            ChatClient client = await ConnectAsync($"other-{i}", buffered: 1 << 20);
            others[i] = (client, await client.JoinAsync("lobby"));
        }

        ConcurrentQueue<string>[] heard = [.. others.Select(_ => new ConcurrentQueue<string>())];
        Task[] hearing = [.. others.Select((other, n) => HearAsync(other.Room, heard[n]))];
        Task<List<string>>[] talking = [.. others.Select((other, n) => TalkAsync(other.Room, n, trouble == Trouble.StopsTheServer))];
        if (trouble is Trouble.BlocksItsThread or Trouble.AwaitsForEver)
        {
            await _begun.Task.WaitAsync(Den.Patience);
        }

        List<string>[] said = await Task.WhenAll(talking).WaitAsync(Den.Patience);
        Den.Until(() => heard.All(queue => queue.Count(IsOthers) >= said.Sum(own => own.Count)), "everybody has heard everything");
        if (trouble == Trouble.KicksAnother)
        {
            Assert.Equal(DisconnectReason.Kicked, await victim.Completion.WaitAsync(Den.Patience));
        }

        foreach ((ChatClient client, _) in others)
        {
            Assert.Equal(trouble == Trouble.StopsTheServer, await IsOverAsync(client, trouble));
            await client.DisposeAsync().AsTask().WaitAsync(Den.Patience);
        }

        await Task.WhenAll(hearing).WaitAsync(Den.Patience);
        List<string> order = [.. heard[0].Where(IsOthers)];
        Assert.All(heard, queue => Assert.Equal(order, queue.Where(IsOthers)));
        for (int n = 0; n < Others; n++)
        {
            Assert.Equal(said[n], order.Where(text => text.StartsWith($"{n}:", StringComparison.Ordinal)));
        }
    }

    // Not what the one in trouble says.
    private static bool IsOthers(string text) => text.Contains(':', StringComparison.Ordinal);

    private static async Task<bool> IsOverAsync(ChatClient client, Trouble trouble)
    {
        if (trouble == Trouble.StopsTheServer)
        {
            Assert.Equal(DisconnectReason.ServerStopping, await client.Completion.WaitAsync(Den.Patience));
        }

        return client.State == ChatState.Ended;
    }

    private async Task<List<string>> TalkAsync(ChatRoom room, int number, bool mayEnd)
    {
        var said = new List<string>();
        for (int i = 0; i < _messages || mayEnd; i++)
        {
            SendResult sent = await room.SendAsync($"{number}:{i}").AsTask().WaitAsync(Den.Patience);
            if (!sent.IsAccepted)
            {
                Assert.True(mayEnd && sent.Reason == DisconnectReason.ServerStopping, $"{sent.Outcome} {sent.Reason} {sent.Text}");
                break;
            }

            said.Add($"{number}:{i}");
        }

        return said;
    }

    private static async Task HearAsync(ChatRoom room, ConcurrentQueue<string> heard)
    {
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            Assert.IsNotType<Gap>(e);
            if (e is MessageReceived message)
            {
                heard.Enqueue(message.Text);
            }
        }
    }

    /// <summary>Everything comes to its end, and each reader with what happened in it.</summary>
    private async Task EndAsync(Task[] readers, Trouble trouble, Task end)
    {
        await end.WaitAsync(Den.Patience);
        _release.Set();
        _later.TrySetResult();
        foreach (Task reader in readers)
        {
            if (trouble == Trouble.Throws)
            {
                await Assert.ThrowsAsync<InvalidDataException>(() => reader.WaitAsync(Den.Patience));
            }
            else
            {
                await reader.WaitAsync(Den.Patience);
            }
        }
    }

    private ValueTask<ChatClient> ConnectAsync(string name, int buffered) =>
        _den.ConnectAsync(TestClient.Options with { Name = name, MaxBufferedEvents = buffered, Reconnect = false });
}
