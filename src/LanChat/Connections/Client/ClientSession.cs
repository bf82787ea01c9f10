using System.Diagnostics.CodeAnalysis;
using System.Text;
using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>What a client is to its server, as long as the app has it: who it is, what is open, and how far its life has come. Connections come and go under it, one at a time.</summary>
/// <remarks>
/// The life ends in one place, <see cref="End"/>, for every cause, and the first reason stays. From then on nothing is open: each id has its
/// outcome, each join its answer, each reader its end. What becomes of it when a connection is lost is decided in <see cref="OnConnectionOver"/>; making the next one is the
/// <see cref="ClientSupervisor"/>'s. Everything but the tasks is guarded by the Gate of <see cref="Flow"/>.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The source of hurry has no handle to release.")]
internal sealed class ClientSession
{
    // A frame must hold an id, a name and a few words; a server that takes less cannot be talked to.
    private const uint LeastMaxFrameBytes = 512;

    // Frames are held until they are whole: a server cannot make us hold more than this, whatever it announces.
    private const uint MostMaxFrameBytes = 16 * 1024 * 1024;

    // DIRECT has the longest head: type, id, name and the length of the text.
    private const uint LongestHeadBytes = 1 + 8 + 1 + FrameLimits.MaxStr8Bytes + 2;

    private const int MaxServerNameBytes = 48;

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromMilliseconds(100);

    private readonly ChatClientOptions _options;

    // Never disposed: stopping may be hurried at any time, also when all is over. It has no timer and no handle to release.
    private readonly CancellationTokenSource _hurry = new();

    // The one connection there is; null between two.
    private ClientConnection? _connection;
    private byte[] _name;
    private uint _attempts;
    private DisconnectReason? _reason;

    internal ClientSession(ChatClientOptions options)
    {
        _options = options;
        _name = Encoding.UTF8.GetBytes(options.Name);
        Flow = new ClientFlow(options.TimeProvider);
        Sends = new ClientSends(Flow, options);
        Rooms = new ClientRooms(Flow, Sends, options);
        Mailbox = new ClientMailbox(Flow, options.MaxBufferedEvents);
        States = new ClientStates(Flow);
    }

    internal ClientFlow Flow { get; }

    internal Random Jitter => _options.Jitter;

    internal ClientSends Sends { get; }

    internal ClientRooms Rooms { get; }

    internal ClientMailbox Mailbox { get; }

    internal ClientStates States { get; }

    internal ChatState State { get; private set; }

    internal string Name { get; private set; } = "";

    internal string ServerName { get; private set; } = "";

    internal string WelcomeText { get; private set; } = "";

    /// <summary>Gets how long the server lets a silence last, as of the last WELCOME.</summary>
    internal TimeSpan Heartbeat { get; private set; }

    /// <summary>Gets whether the last WELCOME took up the session from before.</summary>
    internal bool IsResumed { get; private set; }

    /// <summary>Gets whether the present connection has operator rights. Caller holds the Gate.</summary>
    internal bool IsOperator => _connection is { IsWelcomed: true, Proofs.IsOperator: true };

    /// <summary>Gets a token that is cancelled when nobody's answer is to be waited for any more.</summary>
    internal CancellationToken Hurried => _hurry.Token;

    /// <summary>Gets why the last connection was lost.</summary>
    internal (DisconnectReason Reason, string Text) Loss { get; private set; } = (DisconnectReason.ConnectionReset, "");

    /// <summary>Gets why it is over for good.</summary>
    internal DisconnectReason Reason => _reason ?? DisconnectReason.Aborted;

    internal string EndText { get; private set; } = "";

    /// <summary>The session's number and token: what a later connection needs to take it up again.</summary>
    private (ulong Number, byte[] Token) Identity { get; set; } = (0, new byte[FrameLimits.TokenBytes]);

    /// <summary>A connection takes its turn. False when it is not wanted any more. Caller holds the Gate.</summary>
    internal bool TryBegin(ClientConnection connection)
    {
        if (State is not (ChatState.Connecting or ChatState.Reconnecting))
        {
            return false;
        }

        _connection = connection;
        Flow.BeginConnection();
        return true;
    }

    /// <summary>What a connection has to prove, and has to have proved to it.</summary>
    internal ClientProofs OfferProofs(ServerCheck check) => new(check, _options.JoinCode, _options.OperatorToken, _name);

    /// <summary>Writes HELLO for the next attempt. Caller holds the Gate.</summary>
    internal void WriteHello(ClientConnection connection)
    {
        new HelloFrame
        {
            Version = FrameLimits.Version,
            Flags = _options.OperatorToken is null ? (byte)0 : HelloFrame.OperatorFlag,
            Session = Identity.Number,
            Token = Identity.Token,
            Attempt = ++_attempts,
            After = (ulong)Mailbox.After,
            Nonce = connection.Proofs.Nonce,
            Name = connection.Proofs.Name,
            Credential = _options.Credential.Span,
        }.WriteTo(connection.Output.Writer);
    }

    /// <summary>Takes WELCOME. Returns null, or what is wrong with it.</summary>
    internal string? OnWelcome(ClientConnection connection, in WelcomeFrame welcome)
    {
        if (!connection.Check.AcceptClaim(welcome.ServerId))
        {
            connection.End(DisconnectReason.NotProved, ServerCheck.AnotherServer, saysGoodbye: true);
            return null;
        }

        // Before anything else of it is used: it may not be from who it says.
        if (connection.Proofs.Refuse(in welcome) is { } refusal)
        {
            connection.End(DisconnectReason.NotProved, refusal, saysGoodbye: true);
            return null;
        }

        TimeSpan heartbeat = TimeSpan.FromMilliseconds(welcome.HeartbeatMilliseconds);
        if (welcome.Version != FrameLimits.Version || welcome.Session == 0 || welcome.Window == 0
            || welcome.MaxFrameBytes < LeastMaxFrameBytes || heartbeat < ShortestHeartbeat)
        {
            return "a WELCOME with values that cannot be";
        }

        if (welcome.IsResumed ? welcome.Session != Identity.Number || !Sends.CanHaveReceived(welcome.LastId) : welcome.LastId != 0)
        {
            return $"a WELCOME of session {welcome.Session} with last id {welcome.LastId}, which cannot be";
        }

        bool isReturn = State == ChatState.Reconnecting;
        if (Mailbox.OnWelcome(welcome, isReturn) is { } violation)
        {
            return violation;
        }

        uint maxFrameBytes = Math.Min(welcome.MaxFrameBytes, MostMaxFrameBytes);
        uint maxTextBytes = Math.Min(welcome.MaxTextBytes, Math.Min(FrameLimits.MaxStr16Bytes, maxFrameBytes - LongestHeadBytes));
        Identity = (welcome.Session, welcome.Token.ToArray());
        IsResumed = welcome.IsResumed;
        Heartbeat = heartbeat;
        _name = welcome.YourName.ToArray();
        Name = TextRules.SanitizeToLine(welcome.YourName);
        // No longer than a server of ours can be called: it stands in the midst of sentences and of the status line.
        ServerName = Check.Cut(TextRules.SanitizeToLine(welcome.ServerName), MaxServerNameBytes);
        WelcomeText = TextRules.SanitizeToString(welcome.Text);
        if (isReturn && !IsResumed)
        {
            Sends.StartOver(Loss.Reason);
        }

        Enter(ChatState.Connected, default, "");
        connection.OnWelcomed((int)maxFrameBytes, heartbeat);
        Sends.Begin(connection.Output, connection.OpenDatagrams(in welcome), welcome.Window, (int)maxTextBytes);
        Rooms.Begin(connection.Output, _name, IsResumed);
        return null;
    }

    /// <summary>A connection is over: by a loss, the session goes on without one, if it may; else it ends with it. Caller holds the Gate.</summary>
    internal void OnConnectionOver(ClientConnection connection)
    {
        if (_connection != connection)
        {
            return;
        }

        _connection = null;
        if (State == ChatState.Connected && _options.Reconnect && IsWorthReturning(connection.Reason))
        {
            Loss = (connection.Reason, connection.EndText);
            Sends.OnLost();
            Rooms.OnLost(connection.Reason);
            Enter(ChatState.Reconnecting, connection.Reason, connection.EndText);
        }
        else if (State != ChatState.Reconnecting)
        {
            End(connection.Reason, connection.EndText);
        }
    }

    /// <summary>The name that the server once gave is somebody else's now: it gives another. False when it is the name that the app wants.</summary>
    internal bool TryForgetName()
    {
        lock (Flow.Gate)
        {
            bool isGiven = _options.Name.Length == 0 && _name.Length > 0;
            _name = isGiven ? [] : _name;
            return isGiven;
        }
    }

    /// <summary>Says that the next attempt is due after a delay. Caller does not hold the Gate.</summary>
    internal void Announce(int attempt, TimeSpan delay, DisconnectReason reason, string text)
    {
        lock (Flow.Gate)
        {
            if (State == ChatState.Reconnecting)
            {
                States.Publish(new ChatStateChange { State = State, Reason = reason, Text = text, Attempt = attempt, Delay = delay });
            }
        }
    }

    /// <summary>Says goodbye. What is open stays open until the server has answered it or ended the connection; without a connection, all ends at once.</summary>
    internal void Stop()
    {
        lock (Flow.Gate)
        {
            if (State == ChatState.Connected)
            {
                _reason = DisconnectReason.Goodbye;
                EndText = "goodbye";
                Sends.Stop(Reason);
                Rooms.Stop(Reason, EndText);
                Enter(ChatState.Stopping, Reason, EndText);
                _connection!.SayGoodbye(Reason, EndText);
            }
            else if (State != ChatState.Stopping)
            {
                End(DisconnectReason.Goodbye, "goodbye", saysGoodbye: true);
            }
        }
    }

    /// <summary>From now on nobody's answer is waited for.</summary>
    internal void Hurry() => _hurry.Cancel();

    /// <summary>Ends the session for good: the one place, whatever the cause. The first reason stays.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="text">The same in words, safe to print.</param>
    /// <param name="saysGoodbye">Whether a server that has not welcomed this connection yet is to be told.</param>
    internal void End(DisconnectReason reason, string text, bool saysGoodbye = false)
    {
        lock (Flow.Gate)
        {
            if (State == ChatState.Ended)
            {
                return;
            }

            if (_reason is null)
            {
                _reason = reason;
                EndText = text;
            }

            Enter(ChatState.Ended, Reason, EndText);
            Sends.End(Reason);
            Rooms.End(Reason, EndText);
            Mailbox.Events.End();
            ClientConnection? connection = _connection;
            _connection = null;
            connection?.End(reason, text, saysGoodbye);
        }
    }

    /// <summary>Says whether a connection that ended so is made again (PROTOCOL 4).</summary>
    private static bool IsWorthReturning(DisconnectReason reason) => reason is DisconnectReason.ConnectionReset or DisconnectReason.ServerStopping
        or DisconnectReason.TooSlow or DisconnectReason.HeartbeatLost or DisconnectReason.TooFast or DisconnectReason.TooManyConnections;

    private void Enter(ChatState state, DisconnectReason reason, string text)
    {
        State = state;
        States.Publish(new ChatStateChange { State = state, Reason = reason, Text = text });
    }
}
