using System.Net;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Processes that die at once or stand still, each side in turn: who is left goes on, is told, and takes back whoever returns.</summary>
/// <remarks><c>LanChat.Tests --filter-class "*DeathTests"</c></remarks>
public sealed class DeathTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _dataHome = new();
    private readonly List<IAsyncDisposable> _guests = [];

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable guest in _guests)
        {
            await guest.DisposeAsync();
        }

        _dataHome.Dispose();
    }

    [Fact]
    public async Task Clients_survive_the_death_of_their_server_and_are_told_that_the_room_began_anew()
    {
        await using SampleServer server = await SampleServer.StartAsync("--bind", "127.0.0.1");
        await using ChatClient ada = await ChatClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), Options("ada"));
        ChatRoom lobby = await ada.JoinAsync("lobby");
        await using IAsyncEnumerator<RoomEvent> events = lobby.ReadAllAsync().GetAsyncEnumerator();
        SampleProcess bo = await server.JoinAsync("bo");
        Assert.True((await lobby.SendAsync("before").AsTask().WaitAsync(Den.Patience)).IsAccepted);
        await bo.LineEndingAsync("] ada: before");

        // Twice: who came back once can do it again.
        for (int death = 1; death <= 2; death++)
        {
            server.Process.Kill();
            await server.Process.EndAsync();
            await server.StartAgainAsync("--bind", "127.0.0.1");
            await bo.LineAsync("* the room began anew");
            Reset reset = await NextAsync<Reset>(events);
            Assert.NotEqual(0ul, reset.Epoch);

            // In the new room both are there, and hear each other.
            Den.Until(() => lobby.Members.Order(StringComparer.Ordinal).SequenceEqual(["ada", "bo"]), "both are back");
            Assert.True((await lobby.SendAsync($"after {death}").AsTask().WaitAsync(Den.Patience)).IsAccepted);
            await bo.LineEndingAsync($"] ada: after {death}");
            await bo.SayAsync($"welcome back {death}");
            MessageReceived heard = await NextAsync<MessageReceived>(events, message => message.Name == "bo");
            Assert.Equal($"welcome back {death}", heard.Text);
            Assert.Equal(ChatState.Connected, ada.State);
        }

        await bo.SayAndEndAsync("");
        Assert.Equal(0, (await bo.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_server_survives_the_death_of_its_clients_and_tells_the_others()
    {
        // It is waited out, and yet long enough for a look at the members before that, also on a busy machine.
        await using Den den = await Den.OpenAsync(Den.Options with { ResumeWindow = TimeSpan.FromSeconds(5) });
        await using ChatClient ada = await den.ConnectAsync(Options("ada"));
        ChatRoom lobby = await ada.JoinAsync("lobby");
        await using IAsyncEnumerator<RoomEvent> events = lobby.ReadAllAsync().GetAsyncEnumerator();
        for (int death = 1; death <= 2; death++)
        {
            SampleProcess bo = StartClient(den, "bo");
            await bo.LineAsync(line => line.StartsWith("* bo joined (", StringComparison.Ordinal), "bo's own joining");
            await bo.SayAsync("hello");
            await NextAsync<MessageReceived>(events, message => message.Name == "bo");
            bo.Kill();

            // Its name is kept for the window, and then it is gone.
            await NextAsync<MemberLostContact>(events, lost => lost.Name == "bo");
            Assert.Equal(["ada", "bo"], lobby.Members);
            MemberLeft left = await NextAsync<MemberLeft>(events, left => left.Name == "bo");
            Assert.Equal(1, left.Members);
            Assert.Equal(["ada"], lobby.Members);
            Assert.True((await lobby.SendAsync("still here").AsTask().WaitAsync(Den.Patience)).IsAccepted);
        }
    }

    [Fact]
    public async Task A_client_that_stands_still_is_missed_and_gets_everything_when_it_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The signals' numbers are Linux's.");
        await using Den den = await Den.OpenAsync(Den.Options with { HeartbeatInterval = TimeSpan.FromMilliseconds(500), ResumeWindow = TimeSpan.FromHours(1) });
        await using ChatClient ada = await den.ConnectAsync(Options("ada"));
        ChatRoom lobby = await ada.JoinAsync("lobby");
        await using IAsyncEnumerator<RoomEvent> events = lobby.ReadAllAsync().GetAsyncEnumerator();
        SampleProcess bo = StartClient(den, "bo");
        await bo.LineAsync(line => line.StartsWith("* bo joined (", StringComparison.Ordinal), "bo's own joining");
        await bo.SayAsync("hello");
        await NextAsync<MessageReceived>(events, message => message.Name == "bo");

        // Its sockets are open, and nobody reads or writes: half-open, as seen from here.
        bo.Suspend();
        await NextAsync<MemberLostContact>(events, lost => lost.Name == "bo");
        const int Missed = 20;
        for (int i = 0; i < Missed; i++)
        {
            Assert.True((await lobby.SendAsync($"missed {i}").AsTask().WaitAsync(Den.Patience)).IsAccepted);
        }

        bo.Wake();
        await NextAsync<MemberBack>(events, back => back.Name == "bo");
        for (int i = 0; i < Missed; i++)
        {
            await bo.LineEndingAsync($"] ada: missed {i}");
        }

        await bo.SayAsync("I am back");
        MessageReceived heard = await NextAsync<MessageReceived>(events, message => message.Name == "bo");
        Assert.Equal("I am back", heard.Text);
        await bo.SayAndEndAsync("");
        SampleEnd end = await bo.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.DoesNotContain(end.Lines, line => line.EndsWith("] ada: missed 0", StringComparison.Ordinal));
    }

    private static ChatClientOptions Options(string name) =>
        TestClient.Options with { Name = name, MaxReconnectDelay = TimeSpan.FromMilliseconds(200) };

    private SampleProcess StartClient(Den den, string name)
    {
        SampleProcess client = SampleProcess.StartIn(_dataHome.Path, "LanChat.Client", "--server", $"127.0.0.1:{den.EndPoint.Port}", "--name", name);
        _guests.Add(client);
        return client;
    }

    /// <summary>Takes events until one is of a kind, and such a one.</summary>
    private static async Task<TEvent> NextAsync<TEvent>(IAsyncEnumerator<RoomEvent> events, Func<TEvent, bool>? isWanted = null)
        where TEvent : RoomEvent
    {
        while (await events.MoveNextAsync().AsTask().WaitAsync(Den.Patience))
        {
            if (events.Current is TEvent found && isWanted?.Invoke(found) != false)
            {
                return found;
            }
        }

        throw new EndOfStreamException($"The events ended before a {typeof(TEvent).Name}.");
    }
}
