using System.Net;
using System.Net.Sockets;
using LanChat.Connections.Client;
using LanChat.Diagnostics;
using LanChat.Framing;
using Microsoft.Extensions.Logging;

namespace LanChat;

/// <summary>One person's connection to a server: join rooms, send and read messages.</summary>
/// <remarks>
/// <para>It is connected when <see cref="ConnectAsync(string, int, ChatClientOptions?, CancellationToken)"/> returns, and over once
/// <see cref="Completion"/> says why. A connection that broke is not made again: what was open is <see cref="SendOutcome.Unknown"/>, and a new client starts afresh.</para>
/// <para>All members may be used from any thread at any time. Frames are not encrypted: a server takes such connections from its own machine, from elsewhere only
/// when it was told to.</para>
/// </remarks>
/// <example><code>
/// await using ChatClient client = await ChatClient.ConnectAsync("localhost", 9090, new ChatClientOptions { Name = "ada" });
/// ChatRoom lobby = await client.JoinAsync("lobby");
/// SendResult sent = await lobby.SendAsync("hello");
/// await foreach (RoomEvent e in lobby.ReadAllAsync())
/// {
///     Console.WriteLine(e.ToText());
/// }
/// </code></example>
public sealed class ChatClient : IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly ClientConnection _connection;

    private ChatClient(ClientSession session, ClientConnection connection)
    {
        _session = session;
        _connection = connection;
    }

    /// <summary>Gets the name by which the server knows this client.</summary>
    public string Name => _session.Name;

    /// <summary>Gets the server's name. Safe to print.</summary>
    public string ServerName => _session.ServerName;

    /// <summary>Gets the server's words of welcome. Safe to print.</summary>
    public string Welcome => _session.WelcomeText;

    /// <summary>Gets how far the connection's life has come.</summary>
    public ChatState State
    {
        get
        {
            lock (_session.Flow.Gate)
            {
                return _session.State;
            }
        }
    }

    /// <summary>Gets a task that ends when the connection is over and released, and says why. It never fails.</summary>
    public Task<DisconnectReason> Completion => _connection.Completion;

    /// <summary>Gets the words that came with the end; empty before. Safe to print.</summary>
    public string DisconnectText
    {
        get
        {
            lock (_session.Flow.Gate)
            {
                return _session.EndText;
            }
        }
    }

    /// <summary>Connects to a server and introduces this client to it.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The server's port, 9090 as a rule.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChatException">The server cannot be reached or refuses; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(string host, int port, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        EndPoint endPoint = IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
        return ConnectAsync(endPoint, options, cancellationToken);
    }

    /// <summary>Connects to a server and introduces this client to it.</summary>
    /// <param name="endPoint">Where the server listens.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChatException">The server cannot be reached or refuses; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(EndPoint endPoint, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        string where = endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString()!;
        return Activities.TraceAsync(
            Activities.Connect,
            (endPoint, where, options: options ?? new(), cancellationToken),
            static one => ConnectAsync(one.where, token => ClientLink.ConnectAsync(one.endPoint, token), one.options, one.cancellationToken));
    }

    /// <summary>Connects over any link. <paramref name="where"/> names it in messages and log lines.</summary>
    internal static async ValueTask<ChatClient> ConnectAsync(
        string where,
        Func<CancellationToken, ValueTask<ClientLink>> open,
        ChatClientOptions options,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ILogger logger = options.LoggerFactory.CreateLogger(typeof(ChatClient).FullName!);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            ClientLink link = await open(either.Token).ConfigureAwait(false);
            return await IntroduceAsync(where, link, options, logger, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string text = $"no answer within {options.ConnectTimeout.TotalSeconds:0.###} s";
            throw ChatException.NotConnected(where, options.Name, DisconnectReason.ConnectionReset, text, exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw ChatException.NotConnected(where, options.Name, DisconnectReason.ConnectionReset, exception.Message, exception);
        }
    }

    /// <summary>Enters a room, which is made if there is none of that name and the server lets callers make one.</summary>
    /// <remarks>A room that this client is in already, or is about to join, is joined once: every caller gets the same one.</remarks>
    /// <param name="room">The room's name. <c>lobby</c> always exists.</param>
    /// <param name="cancellationToken">Stops the waiting. The room may be joined all the same: joining it later gives it at once.</param>
    /// <exception cref="ChatException">The server refuses, or the connection has ended.</exception>
    public ValueTask<ChatRoom> JoinAsync(string room, CancellationToken cancellationToken = default) =>
        Activities.TraceAsync(Activities.Join, (_session.Rooms, room, cancellationToken), static join => join.Rooms.JoinAsync(join.room, join.cancellationToken));

    /// <summary>Sends a text to one member alone and says what became of it: accepted means that it is in that member's mailbox, not that it was read.</summary>
    /// <param name="to">The member's name.</param>
    /// <param name="text">The text. One that is too long or no Unicode is rejected without being sent.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendDirectAsync(string to, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(to);
        ArgumentNullException.ThrowIfNull(text);
        if (!ClientText.TryEncode(to, out byte[] name) || name.Length > FrameLimits.MaxStr8Bytes)
        {
            return new(SendResult.Rejected(0, DisconnectReason.NoSuchMember, "nobody can have that name"));
        }

        return ClientText.TryEncode(text, out byte[] body)
            ? _session.Sends.TraceSendAsync(ClientSend.Direct(name, body), cancellationToken)
            : new(SendResult.Rejected(0, DisconnectReason.BadText, "the text is not Unicode"));
    }

    /// <summary>Subscribes to what is sent to this client alone (<see cref="DirectReceived"/>, <see cref="PrivateNotice"/>), from now on; the first
    /// call also gets what came since the connection was made.</summary>
    /// <remarks>Buffers, gaps and their consequences are those of <see cref="ChatRoom.ReadAllAsync"/>.</remarks>
    /// <param name="cancellationToken">Unsubscribes.</param>
    public IAsyncEnumerable<RoomEvent> ReadDirectAsync(CancellationToken cancellationToken = default) => _session.Mailbox.Events.ReadAllAsync(cancellationToken);

    /// <summary>Says goodbye, takes the outcomes that the server still sends, and waits until everything is released: at most about two seconds.</summary>
    /// <remarks>Await sends before it: those that the server does not answer any more are <see cref="SendOutcome.Unknown"/>.</remarks>
    /// <param name="cancellationToken">Stops waiting for the server; the rest still happens, at once.</param>
    public ValueTask StopAsync(CancellationToken cancellationToken = default) => _connection.StopAsync(cancellationToken);

    /// <summary>Does the same as <see cref="StopAsync"/>; any number of times, in any state.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async ValueTask<ChatClient> IntroduceAsync(
        string where,
        ClientLink link,
        ChatClientOptions options,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var session = new ClientSession(options);
        var connection = new ClientConnection(where, link, session, logger);
        connection.Start();
        try
        {
            if (await session.Welcomed.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                Log.ClientConnected(logger, where, session.ServerName, session.Name);
                return new ChatClient(session, connection);
            }
        }
        catch (OperationCanceledException)
        {
            session.End(DisconnectReason.Aborted, "not welcomed in time", saysGoodbye: false);
            await connection.Completion.ConfigureAwait(false);
            throw;
        }

        await connection.Completion.ConfigureAwait(false);
        throw ChatException.NotConnected(where, options.Name, session.Reason, session.EndText);
    }
}
