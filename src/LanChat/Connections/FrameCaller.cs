using System.Buffers;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <summary>A caller that speaks frames (docs/protocol.md, sections 2 to 4): decodes, checks, acts. HELLO is in <c>FrameCaller.Hello.cs</c>, proofs are in <c>FrameCaller.Proof.cs</c>, rooms are in <c>FrameCaller.Rooms.cs</c>.</summary>
/// <remarks>Whatever breaks the protocol ends this connection with code 4 or 5 and touches nobody else. Whatever is merely not to be had is
/// answered (REJECTED, PARTED), and the connection goes on.</remarks>
internal sealed partial class FrameCaller : Caller
{
    /// <summary>The largest frame after WELCOME, both ways: room for the longest text with its header, and for a good piece of a roster.</summary>
    internal static int MaxFrameBytes(ChatServerOptions options) => Math.Max(16 << 10, options.MaxTextBytes + 1024);

    private int _maxFrameBytes = FrameLimits.HandshakeMaxFrameBytes;

    // When the frame that is only half here has to be whole; MaxValue when there is none.
    private long _frameDue = long.MaxValue;

    internal FrameCaller(ServerConnection connection)
        : base(connection)
    {
    }

    internal override bool SendsEntries => true;

    internal override bool CanResume => true;

    internal override SequencePosition OnReceived(ReadOnlySequence<byte> bytes)
    {
        if (IsAuthenticating)
        {
            return Keep(bytes);
        }

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
                    if (IsAuthenticating)
                    {
                        return Keep(bytes.Slice(bytes.Length - rest.Length));
                    }

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

        // A HELLO is the first frame: it is read again on the loop where its session is.
        return Connection.IsMoving ? bytes.Start : bytes.End;
    }

    internal override void WriteBye(DisconnectReason reason, string text) =>
        new ByeFrame { Code = (ushort)reason, Text = Encoding.UTF8.GetBytes(text) }.WriteTo(Connection.Output);

    internal override long CheckDeadlines(long now)
    {
        if (Connection.Session is not { } session)
        {
            if (IsAuthenticating)
            {
                return CheckAuthentication(now);
            }

            if (now >= Connection.HelloDue)
            {
                EndWithoutHello();
            }

            return Connection.HelloDue;
        }

        if (now >= _frameDue)
        {
            Metrics.CountLimit(nameof(ChatServerOptions.FrameTimeout));
            Violation($"a frame was not complete within {Server.Options.FrameTimeout.TotalSeconds:0.###} s");
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

        if (now >= _rejoinDue)
        {
            _rejoinDue = long.MaxValue;
            session.LeaveUnjoined();
        }

        return Math.Min(Math.Min(_frameDue, _rejoinDue), Math.Min(aliveDue, IdleLimit.Check(Connection, session, now)));
    }

    private void Handle(FrameType type, ReadOnlySpan<byte> body)
    {
        if (Connection.Session is not { } session)
        {
            if (_request is { Challenge: { } challenge } request)
            {
                HandleUnproved(request, challenge, type, body);
            }
            else if (type == FrameType.Hello)
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
                InOrder(OnPublish(session, in frame, datagram: null));
                break;
            case FrameType.Direct when DirectFrame.TryDecode(body, out DirectFrame frame):
                InOrder(OnDirect(session, in frame, datagram: null));
                break;
            case FrameType.Command when CommandFrame.TryDecode(body, out CommandFrame frame):
                InOrder(OnCommand(session, in frame));
                break;
            case FrameType.Join when JoinFrame.TryDecode(body, out JoinFrame frame):
                if (TakeControlToken(session))
                {
                    OnJoin(session, in frame);
                }

                break;
            case FrameType.Leave when LeaveFrame.TryDecode(body, out LeaveFrame frame):
                if (TakeControlTokenOfSpeaker(session))
                {
                    OnLeave(session, frame.Room);
                }

                break;
            case FrameType.Who when WhoFrame.TryDecode(body, out WhoFrame frame):
                if (TakeControlTokenOfSpeaker(session))
                {
                    OnWho(session, frame.Room);
                }

                break;
            case FrameType.Ping when PingFrame.TryDecode(body, out PingFrame frame):
                if (TakeControlTokenOfSpeaker(session))
                {
                    new PongFrame { Opaque = frame.Opaque }.WriteTo(Connection.Output);
                    Connection.Loop.Queue(Connection);
                }

                break;
            case FrameType.Pong when PongFrame.TryDecode(body, out _):
                TakeControlTokenOfSpeaker(session);
                break;
            case FrameType.Bye when ByeFrame.TryDecode(body, out ByeFrame frame):
                // Whatever its code says, it is the caller's own wish to go; only goodbye is for good.
                Log.PeerSaidBye(Server.Logger, Connection.Link.RemoteEndPoint, frame.Code);
                session.HasSpoken = true;
                Connection.EndByPeer(isForGood: frame.Code == (ushort)DisconnectReason.Goodbye);
                break;
            case var unknown when unknown.IsSkippable():
                TakeControlTokenOfSpeaker(session);
                break;
            default:
                Violation("an unknown or malformed frame");
                break;
        }
    }

    private void InOrder(IdCheck check)
    {
        if (check == IdCheck.Violation)
        {
            Violation("an id out of order");
        }
    }

    private void NoteHalfFrame(bool isHalf)
    {
        if (!isHalf)
        {
            _frameDue = long.MaxValue;
        }
        else if (_frameDue == long.MaxValue)
        {
            _frameDue = Connection.After(Server.Options.FrameTimeout);
            Connection.ScheduleNext(_frameDue);
        }
    }

    // Of everything but JOIN: a client that says it has WELCOME.
    private bool TakeControlTokenOfSpeaker(Session session)
    {
        session.HasSpoken = true;
        return TakeControlToken(session);
    }

    private bool TakeControlToken(Session session)
    {
        ChatServerOptions options = Server.Options;
        if (session.ControlTokens.TryTake(
            Connection.Loop.Timestamp, options.TimeProvider.TimestampFrequency, options.ControlRate, options.ControlRate * 10.0))
        {
            return true;
        }

        Metrics.CountLimit(nameof(ChatServerOptions.ControlRate));
        Connection.End(DisconnectReason.TooFast, "too many control frames");
        return false;
    }

    private void Violation(string what) => Connection.End(DisconnectReason.ProtocolViolation, what);
}
