using System.Net;
using System.Text;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>The app's hooks with real clients over real sockets: also hooks that block, throw, send, or stop the server they belong to.</summary>
[Collection("whole process")]
public sealed class HookTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly UnobservedExceptions _unobserved = new();
    private ChatServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await (_server?.StopAsync(TimeSpan.Zero) ?? Task.CompletedTask);
        Assert.Empty(_unobserved.Found);
        _unobserved.Dispose();
    }

    [Fact]
    public async Task A_credential_lets_in_under_the_name_that_the_app_gives()
    {
        ChatServer server = await ServeAsync(Options with
        {
            Authenticate = async (request, token) =>
            {
                await Task.Yield();
                token.ThrowIfCancellationRequested();
                return Encoding.UTF8.GetString(request.Credential.Span) == "open sesame" && request.IsEncrypted
                    ? AuthenticationResult.Accept("sinbad")
                    : AuthenticationResult.Reject(text: "wrong words");
            },
        });
        var options = new ChatClientOptions { KnownServers = KnownServers.InMemory(), Credential = Encoding.UTF8.GetBytes("open sesame") };
        await using (ChatClient client = await ChatClient.ConnectAsync(server.Address, options, Cancel))
        {
            Assert.Equal("sinbad", client.Name);
            ChatRoom lobby = await client.JoinAsync("lobby", Cancel);
            Assert.True((await lobby.SendAsync("hello", Cancel)).IsAccepted);
        }

        ChatException refused = await Assert.ThrowsAsync<ChatException>(async () =>
            await ChatClient.ConnectAsync(server.Address, options with { Credential = new byte[3] }, Cancel));
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.Contains("wrong words", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_is_never_sent_in_the_open_nor_shown()
    {
        var options = new ChatClientOptions { Plaintext = true, Credential = "secret"u8.ToArray() };
        await Assert.ThrowsAsync<ArgumentException>(async () => await ChatClient.ConnectAsync(new ServerAddress("127.0.0.1", 9), options, Cancel));
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatClientOptions { Credential = new byte[2049] });
        byte[] mine = [1, 2];
        var copied = new ChatClientOptions { Credential = mine };
        mine[0] = 9;
        Assert.Equal(1, copied.Credential.Span[0]);
    }

    [Fact]
    public async Task A_hook_may_send_and_many_senders_keep_their_orders()
    {
        ChatServer? server = null;
        server = await ServeAsync(Options with
        {
            PublishRate = 0,
            OnPublish = async (request, token) =>
            {
                if (request.Text.EndsWith('7'))
                {
                    await server!.NoticeAsync("lobby", $"seven from {request.Sender}", token);
                }

                await Task.Yield();
                return request.Text.EndsWith('3') ? PublishDecision.Reject(DisconnectReason.NotPermitted, "no threes") : PublishDecision.Accept();
            },
        });
        await using ChatClient reader = await ConnectAsync(server, "reader");
        ChatRoom room = await reader.JoinAsync("lobby", Cancel);
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync(Cancel);
        const int Messages = 200;
        string[] names = ["ada", "bo", "cy"];
        await Task.WhenAll(names.Select(async name =>
        {
            await using ChatClient client = await ConnectAsync(server, name);
            ChatRoom mine = await client.JoinAsync("lobby", Cancel);
            SendResult[] results = await Task.WhenAll(Enumerable.Range(1, Messages).Select(i => mine.SendAsync($"{i}", Cancel).AsTask()));
            for (int i = 1; i <= Messages; i++)
            {
                Assert.Equal(i % 10 != 3, results[i - 1].IsAccepted);
                Assert.Equal(i % 10 == 3 ? "no threes" : "", results[i - 1].Text);
            }
        }));

        var said = names.ToDictionary(name => name, _ => new List<int>());
        int notices = 0;
        await foreach (RoomEvent e in events.WithCancellation(Cancel))
        {
            if (e is MessageReceived message)
            {
                said[message.Name].Add(int.Parse(message.Text, System.Globalization.CultureInfo.InvariantCulture));
            }

            notices += e is Notice ? 1 : 0;
            if (said.Values.Sum(list => list.Count) == names.Length * Messages * 9 / 10 && notices == names.Length * Messages / 10)
            {
                break;
            }
        }

        Assert.All(said.Values, list => Assert.Equal(Enumerable.Range(1, Messages).Where(i => i % 10 != 3), list));
    }

    [Fact]
    public async Task Messages_by_UDP_are_decided_on_like_any_other_once_and_in_order()
    {
        var asked = new List<string>();
        ChatServer server = await ServeAsync(Options with
        {
            OnPublish = async (request, _) =>
            {
                asked.Add(request.Text);
                await Task.Yield();
                return request.Text == "3" ? PublishDecision.Reject() : PublishDecision.Replace($"({request.Text})");
            },
        });
        await using ChatClient client = await ConnectAsync(server, "ada");
        ChatRoom lobby = await client.JoinAsync("lobby", Cancel);
        IAsyncEnumerable<RoomEvent> events = lobby.ReadAllAsync(Cancel);
        SendResult[] results = await Task.WhenAll(Enumerable.Range(1, 6).Select(i =>
            lobby.SendAsync($"{i}", i % 2 == 0 ? MessageTransport.Tcp : MessageTransport.Udp, Cancel).AsTask()));
        Assert.Equal([true, true, false, true, true, true], results.Select(result => result.IsAccepted));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], asked);
        var said = new List<string>();
        await foreach (RoomEvent e in events.WithCancellation(Cancel))
        {
            if (e is MessageReceived message)
            {
                said.Add(message.Text);
                if (said.Count == 5)
                {
                    break;
                }
            }
        }

        Assert.Equal(["(1)", "(2)", "(4)", "(5)", "(6)"], said);
    }

    [Fact]
    public async Task A_hook_may_stop_or_dispose_the_server_it_belongs_to()
    {
        ChatServer? server = null;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server = await ServeAsync(Options with
        {
            OnPublish = async (_, _) =>
            {
                await server!.StopAsync(TimeSpan.Zero);
                await server.DisposeAsync();
                stopped.SetResult();
                return PublishDecision.Accept();
            },
        });
        await using ChatClient client = await ConnectAsync(server, "ada");
        ChatRoom lobby = await client.JoinAsync("lobby", Cancel);
        SendResult sent = await lobby.SendAsync("stop", Cancel);
        await stopped.Task.WaitAsync(Deadline, Cancel);
        Assert.Equal((SendOutcome.Rejected, DisconnectReason.ServerStopping), (sent.Outcome, sent.Reason));

        ChatServer? second = null;
        second = await ServeAsync(Options with
        {
            Authenticate = async (_, _) =>
            {
                await second!.DisposeAsync();
                return AuthenticationResult.Accept();
            },
        });
        await Assert.ThrowsAsync<ChatException>(async () => await ConnectAsync(second, "bo"));
        await second.Completion.WaitAsync(Deadline, Cancel);
    }

    [Fact]
    public async Task A_server_stops_although_a_hook_never_answers_and_throws_when_it_is_cancelled()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ChatServer server = await ServeAsync(Options with
        {
            OnPublish = async (_, token) =>
            {
                token.Register(() =>
                {
                    told.SetResult();
                    throw new InvalidOperationException("out of the app's own callback");
                });
                await new TaskCompletionSource().Task;
                return PublishDecision.Accept();
            },
        });
        await using ChatClient client = await ConnectAsync(server, "ada");
        ChatRoom lobby = await client.JoinAsync("lobby", Cancel);
        Task<SendResult> sending = lobby.SendAsync("never", Cancel).AsTask();
        await using ChatClient other = await ConnectAsync(server, "bo");
        await other.JoinAsync("lobby", Cancel);
        await server.StopAsync(TimeSpan.Zero).WaitAsync(Deadline, Cancel);
        await told.Task.WaitAsync(Deadline, Cancel);
        Assert.NotEqual(SendOutcome.Accepted, (await sending.WaitAsync(Deadline, Cancel)).Outcome);
    }

    private static ChatServerOptions Options { get; } =
        new() { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, Identity = TestIdentity.Shared, StopTimeout = TimeSpan.Zero };

    private async Task<ChatServer> ServeAsync(ChatServerOptions options) => _server = await ChatServer.StartAsync(options, Cancel);

    private static async Task<ChatClient> ConnectAsync(ChatServer server, string name) => await ChatClient.ConnectAsync(
        server.Address,
        new ChatClientOptions { Name = name, KnownServers = KnownServers.InMemory(), Reconnect = false },
        Cancel);
}
