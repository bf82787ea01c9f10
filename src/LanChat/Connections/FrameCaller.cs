using System.Buffers;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>A caller that speaks frames (docs/protocol.md, sections 2 to 4): decodes, checks, acts. Rooms are in <c>FrameCaller.Rooms.cs</c>.</summary>
/// <remarks>Whatever breaks the protocol ends this connection with code 4 or 5 and touches nobody else. Whatever is merely not to be had is
/// answered (REJECTED, PARTED), and the connection goes on.</remarks>
internal sealed partial class FrameCaller : Caller
{
    /// <summary>The largest frame after WELCOME, both ways: room for the longest text with its header, and for a good piece of a roster.</summary>
    internal static int MaxFrameBytes(ChatServerOptions options) => Math.Max(16 << 10, options.MaxTextBytes + 1024);

    /// <summary>How long any frame may take once begun.</summary>
    private static readonly TimeSpan FrameTime = TimeSpan.FromSeconds(30);

    private int _maxFrameBytes = FrameLimits.HandshakeMaxFrameBytes;

    // When the frame that is only half here began; 0 when there is none.
    private long _frameDue = long.MaxValue;

    internal FrameCaller(ServerConnection connection)
        : base(connection)
    {
    }

    internal override bool SendsEntries => true;

    internal override SequencePosition OnReceived(ReadOnlySequence<byte> bytes)
    {
        // The loop hands over contiguous bytes.
        ReadOnlySpan<byte> rest = bytes.FirstSpan;
        if (Connection.Session is null && rest[0] != 0)
        {
            // Only inside TLS; outside it is told apart before.
            Violation("only frames are spoken inside TLS");
        }

        while (Connection.IsTalking)
        {
            switch (FrameReader.TryRead(ref rest, _maxFrameBytes, out FrameType type, out ReadOnlySpan<byte> body))
            {
                case FrameReadStatus.Frame:
                    Handle(type, body);
                    _frameDue = long.MaxValue;
                    break;
                case FrameReadStatus.Incomplete:
                    NoteHalfFrame(!rest.IsEmpty);
                    return bytes.GetPosition(bytes.Length - rest.Length);
                case FrameReadStatus.TooLarge:
                    Connection.End(DisconnectReason.FrameTooLarge);
                    break;
                default:
                    Violation("a frame of length 0");
                    break;
            }
        }

        return bytes.End;
    }

    internal override void WriteBye(DisconnectReason reason, string text) =>
        new ByeFrame { Code = (ushort)reason, Text = Encoding.UTF8.GetBytes(text) }.WriteTo(Connection.Output);

    internal override long CheckDeadlines(long now)
    {
        if (Connection.Session is not { } session)
        {
            if (now >= Connection.HelloDue)
            {
                Violation("no HELLO within 5 s");
            }

            return Connection.HelloDue;
        }

        if (now >= _frameDue)
        {
            Violation("a frame was not complete within 30 s");
            return long.MaxValue;
        }

        long heartbeats = Connection.After(Server.Options.HeartbeatInterval * 2) - now;
        long aliveDue = Connection.ReceivedAt + heartbeats;
        if (now >= aliveDue)
        {
            Connection.End(DisconnectReason.HeartbeatLost);
            return long.MaxValue;
        }

        if (now - session.PublishedAt >= heartbeats)
        {
            session.ForgetOutcomes();
        }

        return Math.Min(Math.Min(_frameDue, aliveDue), IdleLimit.Check(Connection, session, now));
    }

    private void Handle(FrameType type, ReadOnlySpan<byte> body)
    {
        if (Connection.Session is not { } session)
        {
            if (type == FrameType.Hello)
            {
                OnHello(body);
            }
            else
            {
                Violation("the first frame must be HELLO");
            }

            return;
        }

        switch (type)
        {
            case FrameType.Publish when PublishFrame.TryDecode(body, out PublishFrame frame):
                OnPublish(session, in frame);
                break;
            case FrameType.Direct when DirectFrame.TryDecode(body, out DirectFrame frame):
                OnDirect(session, in frame);
                break;
            case FrameType.Command when CommandFrame.TryDecode(body, out CommandFrame frame):
                OnCommand(session, in frame);
                break;
            case FrameType.Join when JoinFrame.TryDecode(body, out JoinFrame frame):
                if (TakeControlToken(session))
                {
                    OnJoin(session, in frame);
                }

                break;
            case FrameType.Leave when LeaveFrame.TryDecode(body, out LeaveFrame frame):
                if (TakeControlToken(session))
                {
                    OnLeave(session, frame.Room);
                }

                break;
            case FrameType.Who when WhoFrame.TryDecode(body, out WhoFrame frame):
                if (TakeControlToken(session))
                {
                    OnWho(session, frame.Room);
                }

                break;
            case FrameType.Ping when PingFrame.TryDecode(body, out PingFrame frame):
                if (TakeControlToken(session))
                {
                    new PongFrame { Opaque = frame.Opaque }.WriteTo(Connection.Output);
                    Connection.Loop.Queue(Connection);
                }

                break;
            case FrameType.Pong when PongFrame.TryDecode(body, out _):
                TakeControlToken(session);
                break;
            case FrameType.Bye when ByeFrame.TryDecode(body, out ByeFrame frame):
                // Whatever its code says, it is the caller's own wish to go.
                Log.PeerSaidBye(Server.Logger, Connection.Link.RemoteEndPoint, frame.Code);
                Connection.EndByPeer(DisconnectReason.Goodbye);
                break;
            case var unknown when unknown.IsSkippable():
                TakeControlToken(session);
                break;
            default:
                Violation("an unknown or malformed frame");
                break;
        }
    }

    private void OnHello(ReadOnlySpan<byte> body)
    {
        if (!HelloFrame.TryDecode(body, out HelloFrame hello))
        {
            Violation("a malformed HELLO");
        }
        else if (hello.Version != FrameLimits.Version)
        {
            Connection.End(DisconnectReason.Version);
        }
        else if ((hello.Flags & ~HelloFrame.OperatorFlag) != 0)
        {
            Connection.End(DisconnectReason.UnknownFlag);
        }
        else if ((hello.Flags & HelloFrame.OperatorFlag) != 0)
        {
            Connection.End(DisconnectReason.NotProved, "this server gives no operator rights over a connection");
        }
        else if (hello.Session != 0 && Server.Sessions.Find(hello.Session) is { } known && !SecretEquals(known.Token, hello.Token))
        {
            Connection.End(DisconnectReason.NotProved);
        }
        else
        {
            Welcome(hello.Name);
        }
    }

    // A session that is asked for ended with its connection in this version, so the caller gets a new one: WELCOME does not say resumed.
    private void Welcome(ReadOnlySpan<byte> wantedName)
    {
        SessionName? name = null;
        if (!wantedName.IsEmpty && !SessionNames.TryCreate(wantedName, out name, out NameCheck check))
        {
            Connection.End(DisconnectReason.BadName, check.Explain());
            return;
        }

        if (Connection.StartSession(name, out DisconnectReason refusal) is not { } session)
        {
            Connection.End(refusal);
            return;
        }

        _maxFrameBytes = MaxFrameBytes(Server.Options);
        Span<byte> serverId = stackalloc byte[ServerId.Bytes];
        Server.Identity.Id.WriteTo(serverId);
        new WelcomeFrame
        {
            Version = FrameLimits.Version,
            Session = session.Id,
            Token = session.Token,
            Window = OutcomeWindow.Size,
            MaxFrameBytes = (uint)_maxFrameBytes,
            MaxTextBytes = (uint)Server.Options.MaxTextBytes,
            HeartbeatMilliseconds = (uint)Server.Options.HeartbeatInterval.TotalMilliseconds,
            MailboxEpoch = session.MailboxEpoch,
            MailboxOutcome = JoinOutcome.Fresh,
            MailboxFirst = 1,
            ServerId = serverId,
            ServerName = Server.Name,
            YourName = session.Name.Utf8,
            Text = Encoding.UTF8.GetBytes(Server.Welcome),
        }.WriteTo(Connection.Output);
        Connection.Loop.Queue(Connection);
    }

    private void NoteHalfFrame(bool isHalf)
    {
        if (!isHalf)
        {
            _frameDue = long.MaxValue;
        }
        else if (_frameDue == long.MaxValue)
        {
            _frameDue = Connection.After(FrameTime);
            Connection.ScheduleNext(_frameDue);
        }
    }

    private bool TakeControlToken(Session session)
    {
        ChatServerOptions options = Server.Options;
        if (session.ControlTokens.TryTake(
            Connection.Loop.Timestamp, options.TimeProvider.TimestampFrequency, options.ControlRate, options.ControlRate * 10.0))
        {
            return true;
        }

        Connection.End(DisconnectReason.TooFast, "too many control frames");
        return false;
    }

    private void Violation(string what) => Connection.End(DisconnectReason.ProtocolViolation, what);

    private static bool SecretEquals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(left, right);
}
