using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Cut at any byte, more than once: every message is in the room once, is said to be there, and every reader sees the log without a hole.</summary>
public abstract class ClientCutTests(bool isTls)
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Cut_at_any_byte_nothing_is_lost_doubled_or_in_doubt(bool hard)
    {
        (long welcome, long whole) = await MeasureAsync();
        int step = isTls && !TestLength.IsLong ? 23 : 1;
        for (long cut = welcome; cut <= whole; cut += step)
        {
            // Cut again a while after it has come back, then left alone.
            Assert.InRange(await PlayAsync(hard, cut, welcome + (cut * 7 % (whole - welcome))), 1, 3);
        }
    }

    [Fact]
    public async Task Cuts_in_a_row_wherever_they_fall_lose_nothing_either()
    {
        (long welcome, long whole) = await MeasureAsync();
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int run = 0; run < (isTls ? 5 : 40); run++)
        {
            await PlayAsync(hard: true, [random.NextInt64(welcome, whole), .. Enumerable.Range(0, 6).Select(_ => random.NextInt64(1, whole))]);
        }
    }

    private async Task<(long Welcome, long Whole)> MeasureAsync()
    {
        ScriptedServer? only = null;
        var servers = new ScriptedServers(isTls) { Make = () => only = new ScriptedServer(isTls) };
        (ChatClient client, _) = await servers.WelcomeAsync();
        long welcome = only!.SentBytes;
        await client.StopAsync(new CancellationToken(true)).Soon();
        servers = new ScriptedServers(isTls) { Make = () => only = new ScriptedServer(isTls) };
        await PlayAsync(servers);

        // Handshakes vary by a few bytes.
        return (welcome + 16, only.SentBytes + 16);
    }

    private Task<int> PlayAsync(bool hard, params long[] cuts)
    {
        int connections = 0;
        return PlayAsync(new ScriptedServers(isTls)
        {
            Make = () => new ScriptedServer(isTls) { CutsHard = hard, CutAfterBytes = connections < cuts.Length ? cuts[connections++] : long.MaxValue },
        });
    }

    private static async Task<int> PlayAsync(ScriptedServers servers)
    {
        var lobby = new ScriptedLobby();
        ValueTask<ChatClient> starting = servers.StartAsync();
        Task serving = lobby.ServeAsync(await servers.NextAsync());
        ChatClient client = await starting.Soon();
        servers.Follow(client);
        serving = ServeOnAsync(serving);
        ChatRoom room = await client.JoinAsync("lobby").Soon();
        List<(string Text, SendResult Result)> sent = [];
        for (int i = 0; i < 3; i++)
        {
            string[] texts = [$"one {i}", $"two {i}"];
            Task<SendResult> direct = client.SendDirectAsync("bo", "aside").AsTask();
            SendResult[] results = await Task.WhenAll(texts.Select(text => room.SendAsync(text).AsTask())).Soon();
            Assert.True((await direct.Soon()).IsAccepted);
            sent.AddRange(texts.Zip(results));
        }

        // All that is in the log comes, over however many connections.
        List<RoomEvent> events = [];
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            events.Add(e);
            if (e.Sequence == sent[^1].Result.Sequence)
            {
                break;
            }
        }

        await client.StopAsync(new CancellationToken(true)).Soon();
        await serving.Soon();
        Assert.All(sent, one => Assert.Equal(one.Text, lobby.Messages[one.Result.Sequence]));
        Assert.Equal(sent.Count, lobby.Messages.Count);
        Assert.Equal(Enumerable.Range(1, events.Count(e => e is not Resumed)).Select(i => (long)i), events.Where(e => e is not Resumed).Select(e => e.Sequence));
        Assert.All(events.OfType<MessageReceived>(), e => Assert.True(e.IsOwn));
        Assert.Equal(0, servers.Time.TimerCount);
        return lobby.Connections;

        async Task ServeOnAsync(Task before)
        {
            await before;
            try
            {
                while (true)
                {
                    await lobby.ServeAsync(await servers.NextAsync());
                }
            }
            catch (System.Threading.Channels.ChannelClosedException)
            {
                // It has ended.
            }
        }
    }
}
