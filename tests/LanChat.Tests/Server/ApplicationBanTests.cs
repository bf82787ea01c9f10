using System.Net;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What the application can do about people on real sockets: ban, lift, list; and an operator's client that stops it all.</summary>
public sealed class ApplicationBanTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RecordingLoggerFactory _log = new();
    private readonly OperatorToken _token = OperatorToken.Create();
    private ChatServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2, MaxBans = 2, Identity = TestIdentity.Shared, LoggerFactory = _log };
        _server = await ChatServer.StartAsync(options with { OperatorToken = _token }, Cancel);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_ban_is_told_to_all_and_holds_until_it_is_lifted()
    {
        (WireClient ada, _) = await WireClient.JoinAsync(_server.EndPoint, "ada");
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (ada)
        using (bo)
        {
            Assert.True(await _server.BanAsync("BO", Cancel));
            Assert.Equal(["ada"], _server.GetMembers("lobby"));
            WireFrame bye = await bo.UntilAsync(frame => frame.Type == FrameType.Bye);
            Assert.Equal((ushort)DisconnectReason.Banned, bye.Bye.Code);
            WireFrame left = await ada.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
            Assert.Equal(("bo", 1u, DisconnectReason.Banned), left.LeftParts());

            Ban ban = Assert.Single(_server.Bans);
            Assert.Equal(("BO", null, TimeSpan.Zero), (ban.Name, ban.Address, ban.Since.Offset));
            ChatException refused = await Assert.ThrowsAsync<ChatException>(async () => await ConnectAsync("bo"));
            Assert.Equal(DisconnectReason.Banned, refused.Reason);
            Assert.Contains("banned", refused.Message, StringComparison.Ordinal);

            Assert.True(await _server.UnbanAsync("bo", Cancel));
            Assert.False(await _server.UnbanAsync("bo", Cancel));
            Assert.Empty(_server.Bans);
            await using ChatClient again = await ConnectAsync("bo");
            Assert.Equal("bo", again.Name);
        }
    }

    [Fact]
    public async Task A_name_that_cannot_be_is_false_and_one_ban_too_many_an_exception()
    {
        Assert.False(await _server.BanAsync("no name", Cancel));
        Assert.False(await _server.BanAsync("operator", Cancel));
        Assert.True(await _server.BanAsync("a", Cancel));
        Assert.True(await _server.BanAsync("b", Cancel));
        Assert.True(await _server.BanAsync("B", Cancel));
        ChatException full = await Assert.ThrowsAsync<ChatException>(async () => await _server.BanAsync("c", Cancel));
        Assert.Equal(DisconnectReason.ServerFull, full.Reason);
        Assert.Equal(["a", "b"], _server.Bans.Select(ban => ban.Name));
    }

    [Fact]
    public async Task The_log_says_what_the_app_did()
    {
        await using ChatClient bo = await ConnectAsync("bo");
        await _server.KickAsync("bo", "a word in private", Cancel);
        await _server.BanAsync("cy", Cancel);
        await _server.UnbanAsync("cy", Cancel);
        Assert.Equal(
            ["The app did kick 'bo'", "The app did ban 'cy'", "The app did unban 'cy'"],
            _log.Logger.Lines.Select(line => line.Text).Where(line => line.StartsWith("The app did", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_operators_client_kicks_speaks_and_stops_the_server()
    {
        await using ChatClient op = await ConnectAsync("op", _token);
        await using ChatClient ada = await ConnectAsync("ada");
        Assert.Equal(DisconnectReason.NotPermitted, (await ada.KickAsync("op", Cancel)).Reason);
        ChatRoom lobby = await op.JoinAsync("lobby", Cancel);
        await using IAsyncEnumerator<RoomEvent> events = lobby.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.True((await op.NoticeAsync("dinner at eight", Cancel)).IsAccepted);
        while (await events.MoveNextAsync() && events.Current is not Notice { Text: "dinner at eight" })
        {
        }

        Assert.True((await op.KickAsync("ada", Cancel)).IsAccepted);
        Assert.Equal(DisconnectReason.Kicked, await ada.Completion.WaitAsync(Patience, Cancel));
        await using ChatClient bo = await ConnectAsync("bo");
        SendResult shutdown = await op.ShutdownServerAsync(Cancel);
        Assert.True(shutdown.IsAccepted, shutdown.ToString());
        await _server.Completion.WaitAsync(Patience, Cancel);
        Assert.Equal(DisconnectReason.ServerStopping, await op.Completion.WaitAsync(Patience, Cancel));
        Assert.Equal(DisconnectReason.ServerStopping, await bo.Completion.WaitAsync(Patience, Cancel));
    }

    private ValueTask<ChatClient> ConnectAsync(string name, OperatorToken? token = null) =>
        ChatClient.ConnectAsync(_server.EndPoint, new ChatClientOptions { Name = name, Reconnect = false, KnownServers = KnownServers.InMemory(), OperatorToken = token }, Cancel);
}
