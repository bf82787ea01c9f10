using System.Threading.Channels;
using LanChat.Samples;
using LanChat.Samples.Terminal;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Terminal;

/// <summary>What comes to the screen's loop through its channel, when something is wrong.</summary>
public class ScreenInputTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_can_be_none_is_refused_and_the_next_one_is_sent()
    {
        await using ChatServer server = await ChatServer.StartAsync(new ChatServerOptions { Port = 0, Announce = false, Identity = TestIdentity.Shared }, Cancelled);
        await using ChatClient client = await ChatClient.ConnectAsync("localhost", server.EndPoint.Port, TestClient.Options with { Name = "ada" }, Cancelled);
        await client.JoinAsync("lobby", Cancelled);
        Channel<ScreenInput> inputs = Channel.CreateBounded<ScreenInput>(8);
        var outbox = new Outbox(client, TransportChoice.Tcp, inputs.Writer);
        using var stop = new CancellationTokenSource();
        Task sending = outbox.RunAsync(stop.Token);

        Assert.True(outbox.TryPost(new OwnMessage("hi", room: null, member: "")));
        Assert.Equal(SendOutcome.Rejected, (await SettledAsync()).Outcome);
        Assert.True(outbox.TryPost(new OwnMessage("hi", room: null, member: "ada")));
        Assert.Equal(SendOutcome.Accepted, (await SettledAsync()).Outcome);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        async Task<SendResult> SettledAsync()
        {
            Task<ScreenInput> next = inputs.Reader.ReadAsync(Cancelled).AsTask();
            Assert.Same(next, await Task.WhenAny(next, sending).WaitAsync(Deadline, Cancelled));
            return Assert.IsType<MessageSettled>(await next).Result;
        }
    }

    [Fact]
    public async Task Keys_that_nobody_takes_any_more_are_dropped_whatever_the_inputs_failed_with()
    {
        Channel<ScreenInput> inputs = Channel.CreateBounded<ScreenInput>(1);
        var keys = new KeysPressed([]);
        TerminalChat.WriteBlocking(inputs.Writer, keys);
        Task blocked = Task.Run(() => TerminalChat.WriteBlocking(inputs.Writer, keys), Cancelled);
        inputs.Writer.Complete(new InvalidOperationException("a part of the chat failed"));

        await blocked.WaitAsync(Deadline, Cancelled);
        TerminalChat.WriteBlocking(inputs.Writer, keys);
        Assert.Same(keys, await inputs.Reader.ReadAsync(Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => inputs.Reader.WaitToReadAsync(Cancelled).AsTask());
    }
}
