using System.Net;
using System.Text;
using LanChat.Connections;
using LanChat.Diagnostics;
using LanChat.Discovery;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat;

/// <summary>A chat server: rooms in memory, each a log of entries in one order for all, and the connections of those who follow them.</summary>
/// <remarks>
/// <para>It listens on one TCP port for clients that speak frames (<see cref="ChatClient"/>) and for people with netcat or telnet
/// (docs/protocol.md). Links with TLS are accepted from everywhere; plain ones from this machine only, unless
/// <see cref="ChatServerOptions.AllowPlaintext"/> or <see cref="ChatServerOptions.AllowText"/> is set.</para>
/// <para>A few threads (<see cref="ChatServerOptions.Loops"/>) do all the work; a slow, broken or hostile connection costs itself its place and
/// nobody else anything. All members may be called from any thread.</para>
/// </remarks>
/// <example>
/// <code>
/// await using var server = await ChatServer.StartAsync(new ChatServerOptions { Name = "Den" });
/// Console.WriteLine($"listening on {server.EndPoint}");
/// await foreach (RoomEvent e in server.ReadAllAsync())
/// {
///     Console.WriteLine(e.ToText());
/// }
/// </code>
/// </example>
public sealed class ChatServer : IAsyncDisposable
{
    private readonly ServerHost _host;

    internal ChatServer(ServerHost host) => _host = host;

    /// <summary>Gets the address and port that the server listens on; the real port when 0 was asked for.</summary>
    public IPEndPoint EndPoint => _host.EndPoint;

    /// <summary>Gets who the server is, by its key: what clients pin.</summary>
    public ServerId Id => _host.Context.Identity.Id;

    /// <summary>Gets a link for clients on other machines, or on this one when the server listens here alone: an address of this machine, the port and the key. Whoever connects by
    /// it needs neither discovery nor trust at first contact.</summary>
    public ServerAddress Address => new(OwnAddress.For(EndPoint.Address, _host.Context.Options.Interfaces).ToString(), EndPoint.Port, Id);

    /// <summary>Gets the server's name.</summary>
    public string Name => _host.Context.Options.Name;

    /// <summary>Gets the text that each caller gets first.</summary>
    public string Welcome => _host.Context.Welcome;

    /// <summary>Gets how many sessions there are, those that wait for their clients to come back included (<see cref="ChatServerOptions.ResumeWindow"/>).</summary>
    public int MemberCount => _host.Context.Sessions.Count;

    /// <summary>Gets the names of the rooms, the lobby included, in no order.</summary>
    public IReadOnlyList<string> Rooms => [.. _host.Context.Rooms.All.Select(room => room.Name)];

    /// <summary>Gets who is banned, by <see cref="BanAsync"/> or by an operator, the oldest ban first.</summary>
    public IReadOnlyList<Ban> Bans => _host.Context.Bans.All;

    /// <summary>Gets what announces the server on the local network, and what is wrong with it (<see cref="DiscoveryBeacon.Problem"/>); null when the server is not
    /// announced. The server stops it.</summary>
    public DiscoveryBeacon? Beacon => _host.Beacon;

    /// <summary>Gets the end of the server: it completes when everything has stopped, also when an operator has shut it down over a connection
    /// (<see cref="ChatClient.ShutdownServerAsync"/>). The app that waits for its own wish to stop waits for this too.</summary>
    public Task Completion => _host.Completion;

    /// <summary>Starts a server: it listens when the task completes.</summary>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="ChatException">The address or port cannot be listened on, or the server's key is not to be had or kept; the message says what to do.</exception>
    public static Task<ChatServer> StartAsync(ChatServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        // Not on the caller's thread: the key is read from a file, or made.
        return Task.Run(async () => new ChatServer(await ServerHost.ListenAsync(options ?? new ChatServerOptions()).ConfigureAwait(false)), cancellationToken);
    }

    /// <summary>Gets the names of a room's members, in the order in which they came, those who have lost contact included; empty when there is no such room.</summary>
    public IReadOnlyList<string> GetMembers(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        return _host.Context.Rooms.Find(room) is { } found ? [.. found.Who(out _).Select(Encoding.UTF8.GetString)] : [];
    }

    /// <summary>Says something to a room, in the server's name.</summary>
    /// <param name="room">The room; null for every room.</param>
    /// <param name="text">The text; characters that could move a reader's cursor are replaced.</param>
    /// <param name="cancellationToken">Not looked at once the text is being appended, which does not wait.</param>
    /// <returns>False when there is no such room.</returns>
    /// <exception cref="ArgumentException">The text is longer than <see cref="ChatServerOptions.MaxTextBytes"/>.</exception>
    public ValueTask<bool> NoticeAsync(string? room, string text, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] clean = CleanText(text);
        if (room is not null)
        {
            return ValueTask.FromResult(_host.Context.Rooms.Find(room) is { } found && found.Notice(ServerSpeaker.Utf8, clean));
        }

        foreach (Room each in _host.Context.Rooms.All)
        {
            each.Notice(ServerSpeaker.Utf8, clean);
        }

        return ValueTask.FromResult(true);
    }

    /// <summary>Says something to one member alone, in the server's name.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Not looked at once the text is being appended, which does not wait.</param>
    /// <returns>False when nobody has that name.</returns>
    /// <exception cref="ArgumentException">The text is longer than <see cref="ChatServerOptions.MaxTextBytes"/>.</exception>
    public ValueTask<bool> SendDirectAsync(string name, string text, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long now = _host.Context.Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        return ValueTask.FromResult(
            Find(name) is { } session
            && session.Mailbox.TryAppend(EntryKind.Direct, now, id: 0, ServerSpeaker.Utf8, CleanText(text), out _));
    }

    /// <summary>Removes a member: it is told, and so are its rooms. It may come back.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="text">What it is told besides; may be empty.</param>
    /// <param name="cancellationToken">Stops the waiting; the member goes all the same.</param>
    /// <returns>False when nobody has that name; true once the member is off its rooms' lists.</returns>
    public async ValueTask<bool> KickAsync(string name, string text = "", CancellationToken cancellationToken = default)
    {
        string sentence = Encoding.UTF8.GetString(CleanText(text));
        if (Find(name) is not { } session)
        {
            return false;
        }

        Log.AppDid(_host.Context.Logger, "kick", session.Name.Text);
        return await RunOnLoopAsync(session, session => session.Kick(sentence), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps everyone out who has a name, or one that looks like it, and removes the member who has it now: that one is told, and so are its rooms. The address that the member is at
    /// is banned with the name, for all names, unless it is this machine's own; others who are there already stay until they connect again.</summary>
    /// <remarks>A ban lasts until it is lifted or the process ends: nothing is kept on disk. With <see cref="ChatServerOptions.MaxBans"/> of them there can be no more.</remarks>
    /// <param name="name">The name; nobody need have it.</param>
    /// <param name="cancellationToken">Stops the waiting; the name is banned all the same.</param>
    /// <returns>False when it is a name that nobody can have; true once it is banned and the member, if there was one, off its rooms' lists.</returns>
    /// <exception cref="ChatException">There are <see cref="ChatServerOptions.MaxBans"/> bans already.</exception>
    public async ValueTask<bool> BanAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!SessionNames.TryCreate(name, out SessionName? banned))
        {
            return false;
        }

        ServerContext server = _host.Context;
        if (!server.Bans.TryAdd(banned))
        {
            throw new ChatException(DisconnectReason.ServerFull, $"there are {server.Options.MaxBans} bans already, as many as the server keeps; lift one first");
        }

        Log.AppDid(server.Logger, "ban", banned.Text);
        if (server.Sessions.FindByName(banned.Key) is { } session)
        {
            await RunOnLoopAsync(session, session => session.Ban(banned.Key), cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Lifts the ban of a name, with that of the address that was banned with it, unless another ban holds for the address too.</summary>
    /// <param name="name">The name, or one that looks like it.</param>
    /// <param name="cancellationToken">Not looked at once the ban is being lifted, which does not wait.</param>
    /// <returns>False when the name is not banned.</returns>
    public ValueTask<bool> UnbanAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        bool isLifted = _host.Context.Bans.Remove(SessionNames.KeyOf(Encoding.UTF8.GetBytes(name)));
        if (isLifted)
        {
            Log.AppDid(_host.Context.Logger, "unban", TextRules.SanitizeToLine(name));
        }

        return ValueTask.FromResult(isLifted);
    }

    /// <summary>Follows what happens in all rooms, from now on: the stream is subscribed when the call returns.</summary>
    /// <remarks>Nothing is queued for it. A reader that falls behind a room by more than <see cref="ChatServerOptions.MaxLagBytes"/> is moved on
    /// and told so by a <see cref="Gap"/>; one that leaves more than twice <see cref="ChatServerOptions.MaxRooms"/> rooms unread gets a
    /// <see cref="ChatException"/>. The stream ends when the server has stopped. Enumerate it once; breaking off unsubscribes.</remarks>
    public IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _host.Observe().ReadAllAsync(cancellationToken);

    /// <summary>Stops gracefully: no new connections, sessions or messages; members get what they still have to get and are told; then what is
    /// left is cut off.</summary>
    /// <param name="timeout">How long members may take; <see cref="ChatServerOptions.StopTimeout"/> when null.</param>
    /// <returns>A task that completes when no socket, thread or timer of the server is left: about a second after the timeout at the latest.</returns>
    public Task StopAsync(TimeSpan? timeout = null) => _host.StopAsync(timeout ?? _host.Context.Options.StopTimeout);

    /// <summary>Stops with the default timeout. May be called several times.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    // False when the loop, and with it the session, is gone.
    private static async ValueTask<bool> RunOnLoopAsync(Session session, Func<Session, bool> act, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return session.Home.Loop.Post(static work => Run(work.session, work.act, work.done), (session, act, done))
            && await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Run(Session session, Func<Session, bool> act, TaskCompletionSource<bool> done)
    {
        try
        {
            done.SetResult(act(session));
        }
        catch (Exception exception)
        {
            // The app's log, for one. Whoever waits is to hear of it, and half an end is none.
            done.SetException(exception);
            if (session.Connection is { } connection)
            {
                connection.Loop.Fail(connection, exception);
            }
        }
    }

    private Session? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _host.Context.Sessions.FindByName(SessionNames.KeyOf(Encoding.UTF8.GetBytes(name)));
    }

    private byte[] CleanText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] clean = Encoding.UTF8.GetBytes(TextRules.Sanitize(text));
        int limit = _host.Context.Options.MaxTextBytes;
        return clean.Length <= limit ? clean : throw new ArgumentException($"The text has {clean.Length} bytes of UTF-8; at most {limit} are allowed.", nameof(text));
    }
}
