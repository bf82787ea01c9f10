using System.Buffers;
using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>Acts on what the server sends: slices frames off the bytes, decodes each in place and hands it to the part that it concerns.</summary>
/// <remarks>The first thing that the protocol does not allow ends the connection, with BYE and the reason; after the end, bytes are
/// discarded. Only the read loop comes here.</remarks>
internal sealed class ClientFrames
{
    // An answer is owed to every ping; not, however, to a server that pings and does not read.
    private const long MaxQueuedBytesForPong = 64 * 1024;

    private readonly ClientConnection _connection;
    private readonly ClientSession _session;

    // The keys for PROVE are being made: nothing more is acted on until they are there.
    private Task? _proving;

    // For a frame that lies in several segments; grows to the largest one seen.
    private byte[] _scratch = [];

    internal ClientFrames(ClientConnection connection, ClientSession session)
    {
        _connection = connection;
        _session = session;
    }

    /// <summary>Gets the last thing that the server did wrong, for the log; null when nothing.</summary>
    internal string? Violation { get; private set; }

    /// <summary>Acts on the whole frames at the front of <paramref name="bytes"/> and advances it past them.</summary>
    /// <returns>Null when more bytes are needed; else what to wait for before coming back with the rest: a reader that is full, or, before WELCOME, the keys for PROVE.</returns>
    internal Task? Act(ref ReadOnlySequence<byte> bytes)
    {
        lock (_session.Flow.Gate)
        {
            _connection.Heartbeat.Received();
            Task? pause = ActUntilPause(ref bytes);
            _connection.Output.Flush();
            return pause;
        }
    }

    private Task? ActUntilPause(ref ReadOnlySequence<byte> bytes)
    {
        while (!_connection.IsOver)
        {
            if (_proving is { } proving)
            {
                if (!proving.IsCompleted)
                {
                    return proving;
                }

                _proving = null;
                _connection.Proofs.WriteProve(_connection.Output.Writer);
            }

            // Not before WELCOME: a reader that was full when the last connection broke is full still.
            if (_connection.IsWelcomed && _session.Flow.PauseIfNeeded() is { } pause)
            {
                return pause;
            }

            switch (FrameReader.TryRead(ref bytes, _connection.MaxFrameBytes, out FrameType type, out ReadOnlySequence<byte> body))
            {
                case FrameReadStatus.Incomplete:
                    return null;
                case FrameReadStatus.ZeroLength:
                    Fail(DisconnectReason.ProtocolViolation, "a frame of length 0");
                    break;
                case FrameReadStatus.TooLarge:
                    Fail(DisconnectReason.FrameTooLarge, $"a frame of more than {_connection.MaxFrameBytes} bytes");
                    break;
                default:
                    if (Dispatch(type, Contiguous(body)) is { } violation)
                    {
                        Fail(DisconnectReason.ProtocolViolation, violation);
                    }

                    break;
            }
        }

        bytes = bytes.Slice(bytes.End);
        return null;
    }

    /// <summary>Returns null, or what is wrong with the frame.</summary>
    private string? Dispatch(FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Ping:
                return PingFrame.TryDecode(body, out PingFrame ping) ? OnPing(ping) : Malformed(type);
            case FrameType.Pong:
                return PongFrame.TryDecode(body, out _) ? null : Malformed(type);
            case FrameType.Bye:
                return ByeFrame.TryDecode(body, out ByeFrame bye) ? OnBye(bye) : Malformed(type);
        }

        if (!_connection.IsWelcomed)
        {
            return DispatchHandshake(type, body);
        }

        switch (type)
        {
            case FrameType.Entry:
                return EntryFrame.TryDecode(body, out EntryFrame entry) ? OnEntry(entry) : Malformed(type);
            case FrameType.Ack:
                return AckFrame.TryDecode(body, out AckFrame ack) ? OnAck(ack) : Malformed(type);
            case FrameType.Rejected:
                return RejectedFrame.TryDecode(body, out RejectedFrame rejected) ? OnRejected(rejected) : Malformed(type);
            case FrameType.Joined:
                return JoinedFrame.TryDecode(body, out JoinedFrame joined) ? _session.Rooms.OnJoined(joined) : Malformed(type);
            case FrameType.Parted:
                return PartedFrame.TryDecode(body, out PartedFrame parted) ? _session.Rooms.OnParted(parted) : Malformed(type);
            case FrameType.Roster:
                return RosterFrame.TryDecode(body, out RosterFrame roster) ? _session.Rooms.OnRoster(roster) : Malformed(type);
            case FrameType.Gap:
                return GapFrame.TryDecode(body, out GapFrame gap) ? OnGap(gap) : Malformed(type);
            case FrameType.Result:
                return ResultFrame.TryDecode(body, out ResultFrame result) ? OnResult(result) : Malformed(type);
            default:
                return type.IsSkippable() ? null : Unexpected(type);
        }
    }

    private string? DispatchHandshake(FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Welcome:
                return WelcomeFrame.TryDecode(body, out WelcomeFrame welcome) ? _session.OnWelcome(_connection, welcome) : Malformed(type);
            case FrameType.Challenge:
                return ChallengeFrame.TryDecode(body, out ChallengeFrame challenge) ? OnChallenge(challenge) : Malformed(type);
            default:
                return type.IsSkippable() ? null : Unexpected(type);
        }
    }

    private string? OnChallenge(in ChallengeFrame challenge)
    {
        if (_connection.Proofs.IsChallenged)
        {
            return "a second CHALLENGE";
        }

        if (!_connection.Check.AcceptClaim(challenge.ServerId))
        {
            _connection.End(DisconnectReason.NotProved, ServerCheck.AnotherServer, saysGoodbye: true);
        }
        else if (_connection.Proofs.Refuse(in challenge) is { } refusal)
        {
            _connection.End(DisconnectReason.NotProved, refusal, saysGoodbye: true);
        }
        else
        {
            _proving = _connection.Proofs.PrepareAsync();
        }

        return null;
    }

    private string? OnPing(in PingFrame ping)
    {
        if (_connection.Output.IsOpen && _connection.Output.QueuedBytes < MaxQueuedBytesForPong)
        {
            new PongFrame { Opaque = ping.Opaque }.WriteTo(_connection.Output.Writer);
        }

        return null;
    }

    private string? OnBye(in ByeFrame bye)
    {
        _connection.End((DisconnectReason)bye.Code, TextRules.SanitizeToLine(bye.Text), saysGoodbye: false);
        return null;
    }

    private string? OnEntry(in EntryFrame entry) => entry.Room == 0 ? _session.Mailbox.OnEntry(entry) : _session.Rooms.OnEntry(entry);

    private string? OnGap(in GapFrame gap) => gap.Room == 0 ? _session.Mailbox.OnGap((long)gap.From, (long)gap.To) : _session.Rooms.OnGap(gap);

    private string? OnAck(in AckFrame ack) =>
        _session.Sends.Acknowledge(ack.Id, (long)ack.Sequence) ? null : $"the outcome of id {ack.Id}, which was not sent";

    private string? OnResult(in ResultFrame result) =>
        _session.Sends.CarryOut(result.Id, TextRules.SanitizeToLine(result.Text)) ? null : $"the RESULT of id {result.Id}, which was no command";

    private string? OnRejected(in RejectedFrame rejected) =>
        _session.Sends.Reject(rejected.Id, (DisconnectReason)rejected.Code, TextRules.SanitizeToLine(rejected.Text))
            ? null
            : $"the outcome of id {rejected.Id}, which was not sent";

    private void Fail(DisconnectReason reason, string violation)
    {
        Violation = violation;
        _connection.End(reason, violation, saysGoodbye: true);
    }

    private ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> body)
    {
        if (!body.IsSingleSegment && _scratch.Length < body.Length)
        {
            _scratch = new byte[body.Length];
        }

        return FrameReader.Contiguous(body, _scratch);
    }

    private static string Malformed(FrameType type) => $"a malformed {type} frame";

    private static string Unexpected(FrameType type) => $"a frame of type {(byte)type:X2}, which has no place here";
}
