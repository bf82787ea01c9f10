using System.Net;
using LanChat.Connections.Client;
using LanChat.Diagnostics;
using LanChat.Framing;

namespace LanChat;

/// <summary>One person at a server: join rooms, send and read messages.</summary>
/// <remarks>
/// <para>It is connected when <see cref="ConnectAsync(string, int, ChatClientOptions?, CancellationToken)"/> returns, and over once
/// <see cref="Completion"/> says why.</para>
/// <para>A connection that is lost is made again (<see cref="ChatClientOptions.Reconnect"/>), with the same name, in the same rooms; <see cref="ReadStatesAsync"/> tells of it. Where the server
/// still knows this client, nothing else changes: each room's readers get <see cref="Resumed"/> and what they missed, or a <see cref="Gap"/>, and what had no outcome is sent again and is in
/// the room once. Where it does not (it was restarted, or came back too late), readers get <see cref="Reset"/>, and what had no outcome is <see cref="SendOutcome.Unknown"/>.
/// Sends and joins that are called meanwhile wait.</para>
/// <para>The connection is encrypted by TLS, and the server is known again by its key (<see cref="KnownServers"/>): the first contact at an address is taken on trust, unless
/// a link names the key; another key at a known address is refused. <see cref="ChatClientOptions.Plaintext"/> does without.</para>
/// <para>All members may be used from any thread at any time.</para>
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
    private readonly ClientSupervisor _supervisor;
    private readonly ServerCheck _check;

    internal ChatClient(ClientSession session, ClientSupervisor supervisor, ServerCheck check)
    {
        _session = session;
        _supervisor = supervisor;
        _check = check;
    }

    /// <summary>Gets the name by which the server knows this client. It may change when the connection was lost and the server was restarted.</summary>
    public string Name => _session.Name;

    /// <summary>Gets the server's name. Safe to print.</summary>
    public string ServerName => _session.ServerName;

    /// <summary>Gets the server's words of welcome. Safe to print.</summary>
    public string Welcome => _session.WelcomeText;

    /// <summary>Gets who the server is, proved by its key at every connection; null when they are not encrypted, because then it is anybody's word.</summary>
    public ServerId? ServerId => _check.ProvedId;

    /// <summary>Gets how far it is certain that this is the server that was meant.</summary>
    public ServerTrust Trust => _check.Trust;

    /// <summary>Gets whether the connection is encrypted.</summary>
    public bool IsEncrypted => _check.ProvedId is not null;

    /// <summary>Gets whether this client is an operator of the server now: it has proved so (<see cref="ChatClientOptions.OperatorToken"/>) on the present connection. False while there is none.</summary>
    public bool IsOperator
    {
        get
        {
            lock (_session.Flow.Gate)
            {
                return _session.IsOperator;
            }
        }
    }

    /// <summary>Gets how far the client's life has come. It does not say <see cref="ChatState.Connected"/> once a loss is known.</summary>
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

    /// <summary>Gets a task that ends when it is over for good and everything is released, and says why. It never fails.</summary>
    public Task<DisconnectReason> Completion => _supervisor.Completion;

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

    /// <summary>Connects to the server at an address and introduces this client to it.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The server's port, 9090 as a rule.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChatException">The server cannot be reached, refuses, or is not the one known at this address; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(string host, int port, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return ConnectAsync(new ServerAddress(host, port), options, cancellationToken);
    }

    /// <summary>Connects to the server at an address, or to the one that a link names.</summary>
    /// <param name="address">Where it is. With <see cref="ServerAddress.Id"/>, only the server with that key will do.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChatException">The server cannot be reached, refuses, or is not the one that was meant; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(ServerAddress address, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Activities.TraceAsync(
            Activities.Connect,
            (address, options: options ?? new(), cancellationToken),
            static one => ClientConnector.ConnectAsync(one.address, one.options, one.cancellationToken));
    }

    /// <summary>Connects to the server at an IP address, or at a name and port.</summary>
    /// <param name="endPoint">Where the server listens: an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">It is an end point of another kind.</exception>
    /// <exception cref="ChatException">The server cannot be reached, refuses, or is not the one known at this address; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(EndPoint endPoint, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ServerAddress address = endPoint switch
        {
            IPEndPoint ip => new(ip.Address.ToString(), ip.Port),
            DnsEndPoint dns => new(dns.Host, dns.Port),
            _ => throw new ArgumentException("A server is at an IPEndPoint or a DnsEndPoint.", nameof(endPoint)),
        };
        return ConnectAsync(address, options, cancellationToken);
    }

    /// <summary>Connects to a server that was found on the network: at the first of its end points that answers with its key.</summary>
    /// <param name="server">What <see cref="ServerBrowser"/> found.</param>
    /// <param name="options">The name to go by, timeouts and limits; defaults when null. Each end point gets an equal share of the time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChatException">None of them is the server, or it refuses; the message says what to do.</exception>
    public static ValueTask<ChatClient> ConnectAsync(DiscoveredServer server, ChatClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Activities.TraceAsync(
            Activities.Connect,
            (server, options: options ?? new(), cancellationToken),
            static one => ClientConnector.ConnectAsync(one.server.Name, one.server.Id, one.server.EndPoints, one.options, one.cancellationToken));
    }

    /// <summary>Enters a room, which is made if there is none of that name and the server lets callers make one.</summary>
    /// <remarks>A room that this client is in already, or is about to join, is joined once: every caller gets the same one.</remarks>
    /// <param name="room">The room's name. <c>lobby</c> always exists.</param>
    /// <param name="cancellationToken">Stops the waiting. The room may be joined all the same: joining it later gives it at once.</param>
    /// <exception cref="ChatException">The server refuses, or the client has ended. While the connection is lost it waits.</exception>
    public ValueTask<ChatRoom> JoinAsync(string room, CancellationToken cancellationToken = default) =>
        Activities.TraceAsync(Activities.Join, (_session.Rooms, room, cancellationToken), static join => join.Rooms.JoinAsync(join.room, join.cancellationToken));

    /// <summary>Sends a text to one member alone and says what became of it: accepted means that it is in that member's mailbox, not that it was read.</summary>
    /// <param name="to">The member's name.</param>
    /// <param name="text">The text. One that is too long or no Unicode is rejected without being sent.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendDirectAsync(string to, string text, CancellationToken cancellationToken = default) =>
        SendDirectAsync(to, text, MessageTransport.Tcp, cancellationToken);

    /// <summary>Sends a text to one member alone over TCP or UDP, and says what became of it.</summary>
    /// <remarks>Otherwise as <see cref="SendDirectAsync(string, string, CancellationToken)"/>, with the same outcomes.</remarks>
    /// <param name="to">The member's name.</param>
    /// <param name="text">The text. One that is too long or no Unicode is rejected without being sent.</param>
    /// <param name="transport">How it is to travel. By UDP only one message is on its way at a time, and what is sent after it waits for it.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such transport.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendDirectAsync(string to, string text, MessageTransport transport, CancellationToken cancellationToken = default)
    {
        Check.Defined(transport, nameof(transport));
        ArgumentException.ThrowIfNullOrEmpty(to);
        ArgumentNullException.ThrowIfNull(text);
        if (!ClientText.TryEncode(to, out byte[] name) || name.Length > FrameLimits.MaxStr8Bytes)
        {
            return new(SendResult.Rejected(0, DisconnectReason.NoSuchMember, "nobody can have that name"));
        }

        return ClientText.TryEncode(text, out byte[] body)
            ? _session.Sends.TraceSendAsync(ClientSend.Direct(name, body, transport), cancellationToken)
            : new(SendResult.Rejected(0, DisconnectReason.BadText, "the text is not Unicode"));
    }

    /// <summary>Removes a member from the server, as its operator: the member is told, and may come back.</summary>
    /// <remarks>Commands of operators, this and the next ones, are sent and answered like messages: accepted means carried out. Without operator rights they are rejected with
    /// <see cref="DisconnectReason.NotPermitted"/>.</remarks>
    /// <param name="name">The member's name.</param>
    /// <param name="cancellationToken">Cancels while the command waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <returns>Rejected with <see cref="DisconnectReason.NoSuchMember"/> when nobody has that name.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the command was not sent, and never will be.</exception>
    public ValueTask<SendResult> KickAsync(string name, CancellationToken cancellationToken = default) =>
        CommandNameAsync("kick"u8, name, DisconnectReason.NoSuchMember, cancellationToken);

    /// <summary>Keeps everyone out who has a name, or one that looks like it, as the server's operator (<see cref="ChatServer.BanAsync"/>), and removes the member who has it now.</summary>
    /// <param name="name">The name; nobody need have it, and <see cref="SendResult.Text"/> says so then.</param>
    /// <param name="cancellationToken">Cancels while the command waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <returns>Rejected with <see cref="DisconnectReason.BadName"/> when nobody can have that name, and with <see cref="DisconnectReason.ServerFull"/> when the server keeps no more bans.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the command was not sent, and never will be.</exception>
    public ValueTask<SendResult> BanAsync(string name, CancellationToken cancellationToken = default) =>
        CommandNameAsync("ban"u8, name, DisconnectReason.BadName, cancellationToken);

    /// <summary>Lifts the ban of a name, as the server's operator, with that of the address that was banned with it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels while the command waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <returns>Rejected with <see cref="DisconnectReason.NoSuchMember"/> when the name is not banned.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the command was not sent, and never will be.</exception>
    public ValueTask<SendResult> UnbanAsync(string name, CancellationToken cancellationToken = default) =>
        CommandNameAsync("unban"u8, name, DisconnectReason.NoSuchMember, cancellationToken);

    /// <summary>Says something to all rooms in the server's name, as its operator.</summary>
    /// <param name="text">The text. One that is empty, too long or no Unicode is rejected with <see cref="DisconnectReason.BadText"/>.</param>
    /// <param name="cancellationToken">Cancels while the command waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the command was not sent, and never will be.</exception>
    public ValueTask<SendResult> NoticeAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ClientText.TryEncode(text, out byte[] argument)
            ? CommandAsync("notice"u8, argument, cancellationToken)
            : new(SendResult.Rejected(0, DisconnectReason.BadText, "the text is not Unicode"));
    }

    /// <summary>Stops the server, as its operator: accepted means that it has begun to. Then it ends as by its own wish, with <see cref="DisconnectReason.ServerStopping"/> for everyone, this
    /// client included, which seeks it from then on if it reconnects.</summary>
    /// <param name="cancellationToken">Cancels while the command waits for its turn; once it is on its way its outcome is awaited all the same.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the command was not sent, and never will be.</exception>
    public ValueTask<SendResult> ShutdownServerAsync(CancellationToken cancellationToken = default) => CommandAsync("shutdown"u8, [], cancellationToken);

    /// <summary>Subscribes to what is sent to this client alone (<see cref="DirectReceived"/>, <see cref="PrivateNotice"/>), from now on; the first
    /// call also gets what came since the connection was made.</summary>
    /// <remarks>Buffers, gaps and their consequences are those of <see cref="ChatRoom.ReadAllAsync"/>.</remarks>
    /// <param name="cancellationToken">Unsubscribes.</param>
    public IAsyncEnumerable<RoomEvent> ReadDirectAsync(CancellationToken cancellationToken = default) => _session.Mailbox.Events.ReadAllAsync(cancellationToken);

    /// <summary>Follows how the client's life goes on: first the present state, then every change, to the end. Subscribes at once, whether or not the result is enumerated.</summary>
    /// <remarks>A loss is told when it is known (<see cref="ChatStateChange.Attempt"/> 0), then each attempt to come back as its wait begins. A reader that is slow gets the latest changes; the
    /// oldest are passed over. Any number of readers.</remarks>
    /// <param name="cancellationToken">Unsubscribes.</param>
    public IAsyncEnumerable<ChatStateChange> ReadStatesAsync(CancellationToken cancellationToken = default) => _session.States.ReadAllAsync(cancellationToken);

    /// <summary>Says goodbye, takes the outcomes that the server still sends, and waits until everything is released: at most about two seconds.</summary>
    /// <remarks>Await sends before it: those that the server does not answer any more are <see cref="SendOutcome.Unknown"/>.</remarks>
    /// <param name="cancellationToken">Stops waiting for the server; the rest still happens, at once.</param>
    public ValueTask StopAsync(CancellationToken cancellationToken = default) => _supervisor.StopAsync(cancellationToken);

    /// <summary>Does the same as <see cref="StopAsync"/>; any number of times, in any state.</summary>
    public ValueTask DisposeAsync() => _supervisor.DisposeAsync();

    private ValueTask<SendResult> CommandNameAsync(ReadOnlySpan<byte> verb, string name, DisconnectReason ifNobodyCanHaveIt, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ClientText.TryEncode(name, out byte[] argument) && argument.Length <= FrameLimits.MaxStr8Bytes
            ? CommandAsync(verb, argument, cancellationToken)
            : new(SendResult.Rejected(0, ifNobodyCanHaveIt, "nobody can have that name"));
    }

    private ValueTask<SendResult> CommandAsync(ReadOnlySpan<byte> verb, byte[] argument, CancellationToken cancellationToken) =>
        _session.Sends.TraceSendAsync(ClientSend.Command(verb.ToArray(), argument), cancellationToken);
}
