using System.Security.Cryptography;
using System.Text;
using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>What a client is to its server: who it is, what it was welcomed with, and how far its life has come.</summary>
/// <remarks>
/// The life ends in one place, <see cref="End"/>, for every cause, and the first reason stays. From then on nothing is open: each id has its
/// outcome, each join its answer, each reader its end. Closing the link comes after it and is the connection's (<see cref="ClientConnection"/>).
/// Everything but the tasks is guarded by the Gate of <see cref="Flow"/>.
/// </remarks>
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
    private readonly ServerCheck _check;
    private readonly TaskCompletionSource<bool> _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DisconnectReason? _reason;

    internal ClientSession(ChatClientOptions options, ServerCheck check)
    {
        _options = options;
        _check = check;
        Flow = new ClientFlow(options.TimeProvider);
        Output = new ClientOutput(Flow);
        Sends = new ClientSends(Flow, Output);
        Rooms = new ClientRooms(Flow, Sends, Output, options);
        Mailbox = new ClientMailbox(Flow, options.MaxBufferedEvents);
        Heartbeat = new ClientHeartbeat(this);
    }

    internal ClientFlow Flow { get; }

    internal ClientOutput Output { get; }

    internal ClientSends Sends { get; }

    internal ClientRooms Rooms { get; }

    internal ClientMailbox Mailbox { get; }

    internal ClientHeartbeat Heartbeat { get; }

    internal ChatState State { get; private set; }

    internal string Name { get; private set; } = "";

    internal string ServerName { get; private set; } = "";

    internal string WelcomeText { get; private set; } = "";

    internal int MaxFrameBytes { get; private set; } = FrameLimits.HandshakeMaxFrameBytes;

    /// <summary>Gets the session's number and token: what a later connection needs to take it up again.</summary>
    internal (ulong Number, byte[] Token) Identity { get; private set; } = (0, []);

    /// <summary>Gets a task that says whether the server welcomed us, as soon as it did or will not any more.</summary>
    internal Task<bool> Welcomed => _welcomed.Task;

    /// <summary>Gets a task that completes when the end has begun, by whomever: the link is to be closed.</summary>
    internal Task Ending => _ending.Task;

    /// <summary>Gets whether the end is ours to say: BYE is in the output.</summary>
    internal bool SaysGoodbye { get; private set; }

    internal DisconnectReason Reason => _reason ?? DisconnectReason.Aborted;

    internal string EndText { get; private set; } = "";

    internal void SayHello()
    {
        lock (Flow.Gate)
        {
            Span<byte> nonce = stackalloc byte[FrameLimits.NonceBytes];
            RandomNumberGenerator.Fill(nonce);
            new HelloFrame
            {
                Version = FrameLimits.Version,
                Token = new byte[FrameLimits.TokenBytes],
                Attempt = 1,
                Nonce = nonce,
                Name = Encoding.UTF8.GetBytes(_options.Name),
            }.WriteTo(Output.Writer);
            Output.Flush();
        }
    }

    /// <summary>Takes WELCOME. Returns null, or what is wrong with it.</summary>
    internal string? OnWelcome(in WelcomeFrame welcome)
    {
        if (!_check.AcceptWelcome(welcome.ServerId))
        {
            End(DisconnectReason.NotProved, "another server was expected", saysGoodbye: true);
            return null;
        }

        TimeSpan heartbeat = TimeSpan.FromMilliseconds(welcome.HeartbeatMilliseconds);
        if (welcome.Version != FrameLimits.Version || welcome.Session == 0 || welcome.LastId != 0 || welcome.Window == 0
            || welcome.MaxFrameBytes < LeastMaxFrameBytes || heartbeat < ShortestHeartbeat)
        {
            return "a WELCOME with values that cannot be";
        }

        uint maxFrameBytes = Math.Min(welcome.MaxFrameBytes, MostMaxFrameBytes);
        uint maxTextBytes = Math.Min(welcome.MaxTextBytes, Math.Min(FrameLimits.MaxStr16Bytes, maxFrameBytes - LongestHeadBytes));
        MaxFrameBytes = (int)maxFrameBytes;
        Identity = (welcome.Session, welcome.Token.ToArray());
        Name = TextRules.SanitizeToLine(welcome.YourName);
        // No longer than a server of ours can be called: it stands in the midst of sentences and of the status line.
        ServerName = Check.Cut(TextRules.SanitizeToLine(welcome.ServerName), MaxServerNameBytes);
        WelcomeText = TextRules.SanitizeToString(welcome.Text);
        Sends.Begin(Math.Min(welcome.Window, _options.MaxOpenSends), (int)maxTextBytes);
        Rooms.Begin(welcome.YourName.ToArray());
        Mailbox.Begin(welcome.MailboxFirst, welcome.MailboxNewest);
        State = ChatState.Connected;
        Heartbeat.Begin(heartbeat);
        _welcomed.SetResult(true);
        return null;
    }

    /// <summary>Says goodbye. What is open stays open until the server has answered it or ended the connection.</summary>
    internal void Stop()
    {
        lock (Flow.Gate)
        {
            if (State != ChatState.Connected)
            {
                return;
            }

            State = ChatState.Stopping;
            Decide(DisconnectReason.Goodbye, "goodbye", saysGoodbye: true);
            Sends.Stop(Reason);
            Rooms.Stop(Reason, EndText);
        }
    }

    /// <summary>Ends the session: the one place, whatever the cause. The first reason stays.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="text">The same in words, safe to print.</param>
    /// <param name="saysGoodbye">Whether the server is to be told: it does not know yet, and may be able to hear it.</param>
    internal void End(DisconnectReason reason, string text, bool saysGoodbye)
    {
        lock (Flow.Gate)
        {
            if (State == ChatState.Ended)
            {
                return;
            }

            State = ChatState.Ended;
            if (_reason is null)
            {
                Decide(reason, text, saysGoodbye);
            }

            Sends.End(Reason);
            Rooms.End(Reason, EndText);
            Mailbox.Events.End();
            _welcomed.TrySetResult(false);
        }
    }

    private void Decide(DisconnectReason reason, string text, bool saysGoodbye)
    {
        _reason = reason;
        EndText = text;
        SaysGoodbye = saysGoodbye;
        if (saysGoodbye)
        {
            new ByeFrame { Code = (ushort)reason, Text = Encoding.UTF8.GetBytes(text) }.WriteTo(Output.Writer);
        }

        Output.Complete();
        Flow.Drain();
        _ending.SetResult();
    }
}
