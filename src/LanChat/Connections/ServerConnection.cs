using System.Buffers;
using LanChat.Diagnostics;
using LanChat.Sessions;
using LanChat.Transport;

namespace LanChat.Connections;

/// <summary>One caller's link on the server: told apart by its first byte, given a session, part of its loop's rounds, ended in one place.</summary>
/// <remarks>
/// <para>Everything runs on the connection's loop; other threads post work to that loop.</para>
/// <para>Its life is a line of phases that only goes forward: sniffing, handshaking (TLS only), talking (between HELLO and WELCOME perhaps moving to the loop of its session), refusing (a proof was wrong, and it is not told yet), draining (it still gets what it is owed), farewell (the rest of
/// a frame, then the last word), lingering (we said all; the peer may still be reading), closed. <see cref="End"/> leaves the talking phase; the
/// first reason wins.</para>
/// <para>What it sends in a round is in <c>ServerConnection.Round.cs</c>, what becomes of it when it is too slow in <c>ServerConnection.Slow.cs</c>, TLS in <c>ServerConnection.Tls.cs</c>, its session in
/// <c>ServerConnection.Session.cs</c>, what it proves in <c>ServerConnection.Proof.cs</c>, UDP in <c>ServerConnection.Datagrams.cs</c>, how it ends in <c>ServerConnection.Ends.cs</c>.</para>
/// </remarks>
internal sealed partial class ServerConnection : LoopConnection
{
    /// <summary>What answers and lines may wait for a caller that does not read, in bytes; beyond it the connection is too slow.</summary>
    internal const int MaxOutputBytes = 256 << 10;

    /// <summary>How long a silent caller is given before it is taken for a person.</summary>
    internal static readonly TimeSpan SniffTime = TimeSpan.FromSeconds(2);

    /// <summary>How long the last word may take to go out, and then the peer to close.</summary>
    internal static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller that says goodbye itself may take to get its last confirmations.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    // What it is told because there are too many connections; null when it is welcome.
    private string? _refusal;
    private ServerLoop _loop;
    private Phase _phase;
    private Caller? _caller;
    private bool _sendsEntries;
    private OutputBuffer? _output;
    private DisconnectReason _endReason;
    private string _endText = "";

    // By when the caller must have said HELLO; once the connection ends, by when its phase must be over.
    private long _phaseDue;
    private bool _peerHasEnded;
    private bool _peerSaidBye;

    /// <param name="link">The link.</param>
    /// <param name="loop">The loop that will own it.</param>
    internal ServerConnection(Link link, ServerLoop loop)
        : base(link) => _loop = loop;

    private enum Phase
    {
        Sniffing,
        Handshaking,
        Moving,
        Talking,
        Refusing,
        Draining,
        Farewell,
        Lingering,
        Closed,
    }

    internal ServerContext Server => _loop.Server;

    internal ServerLoop ServerLoop => _loop;

    /// <summary>Gets where answers and lines are written; lent by the loop while something waits in it.</summary>
    internal OutputBuffer Output => _output ??= _loop.Outputs.Lend();

    /// <summary>Gets how many bytes of answers and lines wait.</summary>
    internal int OutputCount => _output?.Count ?? 0;

    /// <summary>Gets the session that is attached to it, or has ended on it; null before HELLO, and once the session goes on without it.</summary>
    internal Session? Session { get; private set; }

    /// <summary>When bytes last came: a timestamp.</summary>
    internal long ReceivedAt { get; private set; }

    /// <summary>Gets whether what the caller says still counts.</summary>
    internal bool IsTalking => _phase == Phase.Talking;

    /// <summary>Gets whether outcomes may still be written: also while a caller that has said goodbye gets what it is owed.</summary>
    internal bool TakesOutcomes => _phase is Phase.Talking or Phase.Draining;

    /// <summary>Gets by when a caller that does not speak lines must have sent a whole HELLO: a timestamp.</summary>
    internal long HelloDue => _phaseDue;

    /// <summary>Has the caller refused as soon as its language is known: there are too many connections. Before it is on its loop.</summary>
    /// <param name="option">The limit.</param>
    /// <param name="sentence">What the caller is told.</param>
    internal void Refuse(string option, string sentence)
    {
        Metrics.CountLimit(option);
        _refusal = sentence;
    }

    /// <summary>Gets the timestamp a while from now.</summary>
    internal long After(TimeSpan span) => Loop.Timestamp + Ticks(span);

    internal override void OnAdded()
    {
        ReceivedAt = Loop.Timestamp;
        _phaseDue = After(Server.Options.HelloTimeout);
        ScheduleNext(SniffDue);
        if (Server.IsDraining)
        {
            // Accepted just before the stop: it has no language yet in which to be told.
            Close(reset: false);
        }
    }

    internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
    {
        ReceivedAt = Loop.Timestamp;
        if (_phase == Phase.Sniffing)
        {
            FirstBytes.Language language = FirstBytes.Tell(bytes);
            if (language == FirstBytes.Language.Tls)
            {
                StartHandshake(bytes);
                return bytes.End;
            }

            StartTalking(language, greetAfter: SniffTime);
        }

        // Looked at when it asks for more, not when it was answered: one answer, a long list, may be larger, and nobody is slow for that.
        if (_phase == Phase.Talking && IsBlocked && OutputCount > MaxOutputBytes)
        {
            OnAnswersPileUp();
        }

        return _phase == Phase.Talking ? _caller!.OnReceived(bytes) : bytes.End;
    }

    internal override void OnLinkEnded(LinkStatus status, bool insideFrame)
    {
        _peerHasEnded = true;
        switch (_phase)
        {
            case Phase.Talking when status == LinkStatus.Ended && _caller!.OnEndOfStream():
            case Phase.Refusing or Phase.Draining or Phase.Farewell when status == LinkStatus.Ended:
                return;
            case Phase.Talking or Phase.Refusing or Phase.Draining or Phase.Farewell:
                if (insideFrame)
                {
                    Log.EndedInsideFrame(Server.Logger, Link.RemoteEndPoint);
                }

                if (_phase is Phase.Talking or Phase.Refusing)
                {
                    CountEnd(DisconnectReason.ConnectionReset);
                    LeaveSession(DisconnectReason.ConnectionReset);
                }

                break;
            default:
                break;
        }

        // A handshake that failed may have left an alert on the wire, which a reset would destroy.
        Close(reset: status == LinkStatus.Broken && _phase != Phase.Handshaking);
    }

    internal override void OnDeadline()
    {
        long now = Loop.Timestamp;
        switch (_phase)
        {
            case Phase.Sniffing when now >= SniffDue:
                StartTalking(FirstBytes.Language.Text, greetAfter: TimeSpan.Zero);
                break;
            case Phase.Handshaking when now >= HelloDue:
                Metrics.CountLimit(nameof(ChatServerOptions.HelloTimeout));
                Close(reset: false);
                break;
            case Phase.Refusing when now >= _phaseDue:
                End(DisconnectReason.NotProved, _endText);
                break;
            case Phase.Draining when now >= _phaseDue:
                SayBye();
                break;
            case Phase.Farewell when now >= _phaseDue:
                Close(reset: true);
                break;
            case Phase.Lingering when now >= _phaseDue:
                Close(reset: false);
                break;
            default:
                break;
        }

        switch (_phase)
        {
            case Phase.Sniffing:
                ScheduleNext(SniffDue);
                break;
            case Phase.Handshaking:
                ScheduleNext(HelloDue);
                break;
            case Phase.Talking:
                ScheduleNext(_caller!.CheckDeadlines(now));
                break;
            case Phase.Refusing or Phase.Draining or Phase.Farewell or Phase.Lingering:
                ScheduleNext(_phaseDue);
                break;
            default:
                break;
        }
    }

    /// <summary>Asks to be called at a time, unless it was asked for an earlier one.</summary>
    internal void ScheduleNext(long due)
    {
        if (due != long.MaxValue && _phase != Phase.Closed)
        {
            Loop.Schedule(this, due);
        }
    }

    private long SniffDue => HelloDue - Ticks(Server.Options.HelloTimeout - SniffTime);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Server.Options.TimeProvider.TimestampFrequency);

    // In plain language only from this machine, unless the server was told otherwise.
    private bool IsAccepted(FirstBytes.Language language) =>
        Link is TlsLink || Link.IsLoopback || Server.Options.AllowPlaintext || (language == FirstBytes.Language.Text && (Server.Options.AllowText || Server.Options.LegacyBeacon));

    // A person is greeted with the first line, or after a while without one.
    private void StartTalking(FirstBytes.Language language, TimeSpan greetAfter)
    {
        (DisconnectReason refusal, string sentence) = Server.IsDraining ? (DisconnectReason.ServerStopping, "")
            : !IsAccepted(language) ? (DisconnectReason.PlaintextNotAccepted, "")
            : _refusal is not null ? (DisconnectReason.TooManyConnections, _refusal)
            : (default, "");
        switch (language)
        {
            case FirstBytes.Language.Frames:
                _caller = new FrameCaller(this);
                break;
            case FirstBytes.Language.Text:
                _caller = new TextCaller(this, After(greetAfter));
                break;
            default:
                // There is no answer that the caller would understand.
                Metrics.UnknownCallers.Add(1);
                Log.UnknownCaller(Server.Logger, Link.RemoteEndPoint, language);
                Close(reset: false);
                return;
        }

        _sendsEntries = _caller.SendsEntries;
        _phase = Phase.Talking;
        if (refusal != default)
        {
            End(refusal, sentence);
            return;
        }

        ScheduleNext(_caller.CheckDeadlines(Loop.Timestamp));
    }
}
