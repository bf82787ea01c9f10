using System.Collections.Concurrent;
using System.Diagnostics;
using LanChat.Connections.Client;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>What a reader that is too slow is told of what it missed, also across a loss of the connection.</summary>
public sealed class MissingEventsTests
{
    [Fact]
    public void Events_that_do_not_fit_are_one_gap()
    {
        var missing = new MissingEvents();
        Assert.False(missing.IsAny);
        missing.Add(new Notice { Text = "x", Sequence = 3 });
        missing.Add(new Gap { From = 4, To = 9 });
        missing.Add(new Resumed { Entries = 2 });
        missing.Add(new Notice { Text = "x", Sequence = 10 });

        Assert.Equal(new Gap { Room = "lobby", From = 3, To = 10 }, missing.Take("lobby"));
        Assert.False(missing.IsAny);
    }

    [Fact]
    public void A_reset_is_never_lost_and_stands_between_what_was_before_and_after_it()
    {
        var missing = new MissingEvents();
        missing.Add(new Notice { Text = "x", Sequence = 3 });
        missing.Add(new Reset { Epoch = 7 });
        missing.Add(new Notice { Text = "x", Sequence = 1 });
        missing.Add(new Reset { Epoch = 8 });
        missing.Add(new Notice { Text = "x", Sequence = 2 });
        missing.Add(new Notice { Text = "x", Sequence = 3 });

        Assert.Equal(new Gap { Room = "lobby", From = 3, To = 3 }, missing.Take("lobby"));
        Assert.Equal(new Reset { Epoch = 8 }, missing.Take("lobby"));
        Assert.Equal(new Gap { Room = "lobby", From = 2, To = 3 }, missing.Take("lobby"));
        Assert.False(missing.IsAny);
    }

    [Fact]
    public void That_nothing_was_missing_alone_is_nothing_to_tell()
    {
        var missing = new MissingEvents();
        missing.Add(new Resumed());
        Assert.False(missing.IsAny);
    }

    [Fact]
    public async Task A_full_reader_hears_that_nothing_is_missing_and_once_with_all_that_follows_however_often_contact_is_lost()
    {
        var servers = new ScriptedServers(isTls: false);
        (ChatClient client, ScriptedServer server) = await servers.WelcomeAsync(servers.Options with { MaxBufferedEvents = 1 });
        ChatRoom lobby = await server.JoinAsync(client);
        await using IAsyncEnumerator<RoomEvent> reader = lobby.ReadAllAsync().GetAsyncEnumerator();
        for (int i = 0; i < 5; i++)
        {
            // A reader that is full keeps the client from reading; while an answer is awaited it reads, and so sees the loss.
            Task<SendResult> sending = client.SendDirectAsync("bo", "is anybody there?").AsTask();
            server.Cut();
            server = await servers.ResumeAsync((ulong)i);
            await server.NextAsync();
            server.SendJoined("lobby", 1, 2, newest: (ulong)i + 1, 1, outcome: JoinOutcome.Recovered);
            server.SendRoster(1, (ulong)i + 1, "ada");
            Assert.Equal((ulong)i + 1, (await server.NextAsync())!.Direct.Id);
            server.Send(new AckFrame { Id = (ulong)i + 1, Sequence = 1 });
            Assert.True((await sending.Soon()).IsAccepted);
        }

        await client.StopAsync(new CancellationToken(true)).Soon();
        Assert.Equal(1, (await reader.NextAsync()).Sequence);
        Assert.Equal(4, Assert.IsType<Resumed>(await reader.NextAsync()).Entries);
        Assert.False(await reader.MoveNextAsync().Soon());
    }

    [Fact]
    public async Task Coming_back_is_an_activity_and_two_lines_in_the_log()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var mine = new Activity("this test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "LanChat",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == mine.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                // It hears of those of other tests as well, if they listen too.
                if (activity.TraceId == mine.TraceId)
                {
                    ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var servers = new ScriptedServers(isTls: false);
        (ChatClient client, ScriptedServer first) = await servers.WelcomeAsync();
        first.Cut();
        (await servers.ResumeAsync()).Cut();
        await client.ReadStatesAsync().FirstAsync(change => change.Attempt == 1).Soon();
        await client.StopAsync(new CancellationToken(true)).Soon();

        Assert.Equal(
            [("lanchat.client.reconnect", "ok"), ("lanchat.client.reconnect", "Ended")],
            ended.Select(activity => (activity.OperationName, (string?)activity.GetTagItem("lanchat.outcome"))));
        string[] log = [.. servers.Log.Logger.Lines.Select(line => line.Text)];
        Assert.Equal("Contact with test:1 was lost: ConnectionReset: the server ended the connection without a goodbye", log[1]);
        Assert.Equal("Connected to test:1 again as ada; the session goes on: True", log[2]);
        Assert.StartsWith("The connection to test:1 ended: Goodbye", log[^1], StringComparison.Ordinal);
    }
}
