using System.Diagnostics;
using System.Threading.Channels;
using LanChat.Connections.Client;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Client;

/// <summary>A server to which a client comes back, played by a test: one <see cref="ScriptedServer"/> for each connection. Time is the test's, and moves only by the waits that the client says
/// it makes, so no timeout of an attempt ever runs out by the machine being slow.</summary>
internal sealed class ScriptedServers(bool isTls)
{
    private readonly Channel<ScriptedServer> _connections = Channel.CreateUnbounded<ScriptedServer>();

    private ChatClient? _client;
    private IAsyncEnumerator<ChatStateChange>? _states;
    private Task<bool>? _nextState;

    public FakeTimeProvider Time { get; } = new();

    public RecordingLoggerFactory Log { get; } = new();

    public ChatClientOptions Options => new() { Name = "ada", TimeProvider = Time, LoggerFactory = Log };

    /// <summary>Makes the server of the next connection.</summary>
    public Func<ScriptedServer> Make { get; set; } = () => new ScriptedServer(isTls);

    /// <summary>Awaited before a link is opened; it may throw.</summary>
    public Func<CancellationToken, Task> BeforeLink { get; set; } = _ => Task.CompletedTask;

    /// <summary>Gets how many connections there were.</summary>
    public int Links { get; private set; }

    public ValueTask<ChatClient> StartAsync(ChatClientOptions? options = null) => ClientConnector.ConnectAsync(
        new ServerAddress("test", 1), OpenAsync, (options ?? Options) with { Plaintext = !isTls, KnownServers = KnownServers.InMemory() }, CancellationToken.None);

    /// <summary>Connects and welcomes.</summary>
    public async Task<(ChatClient Client, ScriptedServer Server)> WelcomeAsync(ChatClientOptions? options = null, int window = 1024)
    {
        ValueTask<ChatClient> starting = StartAsync(options);
        ScriptedServer server = await NextAsync();
        (await server.NextAnyAsync())!.Decode<HelloFrame>();
        server.SendWelcome(window: window);
        ChatClient client = await starting.Soon();
        Follow(client);
        (await server.NextAnyAsync())!.Decode<PingFrame>();
        await server.ActedAsync();
        return (client, server);
    }

    /// <summary>From now on the waits of this client are known.</summary>
    public void Follow(ChatClient client)
    {
        _client = client;
        _states = client.ReadStatesAsync().GetAsyncEnumerator();
    }

    /// <summary>Lets time pass until the client has come again. Throws when it does not any more.</summary>
    public async Task<ScriptedServer> NextAsync()
    {
        Task<ScriptedServer> next = _connections.Reader.ReadAsync().AsTask();
        await PassUntilAsync(next);
        return await next;
    }

    /// <summary>Lets time pass until the client has come again, and takes its HELLO.</summary>
    public async Task<(ScriptedServer Server, Hello Hello)> ReturnAsync()
    {
        ScriptedServer server = await NextAsync();
        return (server, Hello.Of((await server.NextAnyAsync())!));
    }

    /// <summary>Lets time pass until the client has come again, and resumes its session.</summary>
    public async Task<ScriptedServer> ResumeAsync(ulong lastId = 0)
    {
        (ScriptedServer server, _) = await ReturnAsync();
        server.SendWelcome(resumed: true, lastId: lastId, mailbox: (9, JoinOutcome.Recovered, 1, 0));
        (await server.NextAnyAsync())!.Decode<PingFrame>();
        await server.ActedAsync();
        return server;
    }

    /// <summary>Lets the client's waits pass until a task is done.</summary>
    public async Task PassUntilAsync(Task done)
    {
        while (_states is not null && !done.IsCompleted)
        {
            _nextState ??= _states.MoveNextAsync().AsTask();
            await Task.WhenAny(done, _nextState).Soon();
            if (_nextState.IsCompleted && !done.IsCompleted)
            {
                if (!await _nextState)
                {
                    // It is over for good: it does not come again, but may have to end.
                    _connections.Writer.TryComplete();
                    break;
                }

                _nextState = null;
                await PassAsync(_states.Current.Delay, done);
            }
        }

        await done.Soon();
    }

    private async Task PassAsync(TimeSpan delay, Task done)
    {
        // The wait is announced just before it begins; and it does not begin if the client is stopped in between.
        long began = Stopwatch.GetTimestamp();
        while (delay > TimeSpan.Zero && Time.TimerCount == 0 && !done.IsCompleted && _client!.State == ChatState.Reconnecting && Stopwatch.GetElapsedTime(began) < ScriptedServer.Patience)
        {
            await Task.Yield();
        }

        // A timer counts whole milliseconds.
        Time.Advance(delay == TimeSpan.Zero ? delay : delay + TimeSpan.FromMilliseconds(1));
    }

    private async ValueTask<ClientLink> OpenAsync(CancellationToken cancellationToken)
    {
        await BeforeLink(cancellationToken);
        ScriptedServer server = Make();
        Links++;
        _connections.Writer.TryWrite(server);
        return server.OpenLink();
    }

    /// <summary>What HELLO said.</summary>
    internal sealed record Hello(ulong Session, byte[] Token, uint Attempt, ulong After, string Name)
    {
        internal static Hello Of(Received received)
        {
            HelloFrame frame = received.Decode<HelloFrame>();
            return new Hello(frame.Session, frame.Token.ToArray(), frame.Attempt, frame.After, System.Text.Encoding.UTF8.GetString(frame.Name));
        }
    }
}
