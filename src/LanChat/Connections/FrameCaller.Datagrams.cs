using System.Buffers;
using LanChat.Datagrams;
using LanChat.Framing;

namespace LanChat.Connections;

/// <content>Frames that came by UDP (docs/protocol.md, section 6): ids go the same way as by TCP, and what is decided at once is answered the way it came. What does not belong there is
/// dropped, never a violation: the network may have kept a datagram back.</content>
internal sealed partial class FrameCaller
{
    // Where the answer to the datagram goes that is being acted on; null otherwise.
    private DatagramWriter? _datagramAnswer;
    private bool _isOutOfOrder;

    /// <summary>Gets where an answer is written: the datagram, or what this connection sends.</summary>
    private IBufferWriter<byte> Answers => _datagramAnswer ?? (IBufferWriter<byte>)Connection.Output;

    internal override DatagramDefect OnDatagram(ReadOnlySpan<byte> frame, DatagramWriter answer)
    {
        if (Connection.Session is not { } session)
        {
            return DatagramDefect.Unknown;
        }

        _datagramAnswer = answer;
        _isOutOfOrder = false;
        try
        {
            ReadOnlySpan<byte> body = frame[FrameLimits.TypeBytes..];
            switch ((FrameType)frame[0])
            {
                case FrameType.Publish when PublishFrame.TryDecode(body, out PublishFrame publish):
                    OnPublish(session, in publish);
                    break;
                case FrameType.Direct when DirectFrame.TryDecode(body, out DirectFrame direct):
                    OnDirect(session, in direct);
                    break;
                case FrameType.Ping when PingFrame.TryDecode(body, out PingFrame ping):
                    if (TakeControlTokenOfSpeaker(session))
                    {
                        new PongFrame { Opaque = ping.Opaque }.WriteTo(answer);
                    }

                    break;
                case FrameType.Pong when PongFrame.TryDecode(body, out _):
                    TakeControlTokenOfSpeaker(session);
                    break;
                default:
                    return DatagramDefect.Malformed;
            }

            return _isOutOfOrder ? DatagramDefect.OutOfOrder : DatagramDefect.None;
        }
        finally
        {
            _datagramAnswer = null;
        }
    }
}
