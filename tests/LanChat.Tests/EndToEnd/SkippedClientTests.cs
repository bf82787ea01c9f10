using System.Net;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>An app that does not read its events for a while, on a server that passes over what is too much: it stays, and misses nothing silently.</summary>
public sealed class SkippedClientTests
{
    [Fact]
    public async Task An_app_that_reads_again_is_told_what_it_missed_and_goes_on()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var log = new RecordingLoggerFactory();
        await using ChatServer server = await ChatServer.StartAsync(
            new ChatServerOptions
            {
                Announce = false,
                BindAddress = IPAddress.Loopback,
                Port = 0,
                PublishRate = 0,
                MaxTextBytes = 16_000,
                MaxLagBytes = 64 << 10,
                SlowPolicy = SlowConsumerPolicy.Skip,
                LoggerFactory = log,
            },
            deadline.Token);
        await using ChatClient bo = await ConnectAsync("bo", maxBufferedEvents: 1);
        ChatRoom atBo = await bo.JoinAsync("lobby", deadline.Token);
        await using IAsyncEnumerator<RoomEvent> events = atBo.ReadAllAsync(deadline.Token).GetAsyncEnumerator(deadline.Token);
        Assert.True(await events.MoveNextAsync());
        long next = events.Current.Sequence + 1;

        await using ChatClient ada = await ConnectAsync("ada", maxBufferedEvents: 100);
        ChatRoom atAda = await ada.JoinAsync("lobby", deadline.Token);
        string text = new('x', 15_000);
        while (!log.Logger.Lines.Any(line => line.Text.Contains("is too slow", StringComparison.Ordinal)))
        {
            Assert.True((await atAda.SendAsync(text, deadline.Token)).IsAccepted);
        }

        // Somebody comes, and what tells of it is passed over with the rest.
        await using ChatClient cy = await ConnectAsync("cy", maxBufferedEvents: 100);
        await cy.JoinAsync("lobby", deadline.Token);
        for (int i = 0; i < 20; i++)
        {
            Assert.True((await atAda.SendAsync(text, deadline.Token)).IsAccepted);
        }

        SendResult end = await atAda.SendAsync("end", deadline.Token);
        int gaps = 0;
        while (next <= end.Sequence)
        {
            Assert.True(await events.MoveNextAsync());
            if (events.Current is Gap gap)
            {
                Assert.Equal(next, gap.From);
                next = gap.To + 1;
                gaps++;
            }
            else
            {
                Assert.Equal(next++, events.Current.Sequence);
            }
        }

        Assert.Equal("end", Assert.IsType<MessageReceived>(events.Current).Text);
        Assert.NotEqual(0, gaps);
        Assert.Equal(["ada", "bo", "cy"], atBo.Members);
        Assert.Equal(ChatState.Connected, bo.State);

        async Task<ChatClient> ConnectAsync(string name, int maxBufferedEvents) =>
            await ChatClient.ConnectAsync(server.EndPoint, TestClient.Options with { Name = name, MaxBufferedEvents = maxBufferedEvents }, deadline.Token);
    }
}
