using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <content>Frames that came by UDP (docs/protocol.md, section 6): ids go the same way as by TCP, and what is decided at once is answered the way it came. What does not belong there is
/// dropped, never a violation: the network may have kept a datagram back.</content>
internal sealed partial class FrameCaller
{
    internal override DatagramDefect OnDatagram(ReadOnlySpan<byte> frame, DatagramWriter answer)
    {
        if (Connection.Session is not { } session)
        {
            return DatagramDefect.Unknown;
        }

        ReadOnlySpan<byte> body = frame[FrameLimits.TypeBytes..];
        switch ((FrameType)frame[0])
        {
            case FrameType.Publish when PublishFrame.TryDecode(body, out PublishFrame publish):
                return DefectOf(OnPublish(session, in publish, answer));
            case FrameType.Direct when DirectFrame.TryDecode(body, out DirectFrame direct):
                return DefectOf(OnDirect(session, in direct, answer));
            case FrameType.Ping when PingFrame.TryDecode(body, out PingFrame ping):
                if (TakeControlTokenOfSpeaker(session))
                {
                    new PongFrame { Opaque = ping.Opaque }.WriteTo(answer);
                }

                return DatagramDefect.None;
            case FrameType.Pong when PongFrame.TryDecode(body, out _):
                TakeControlTokenOfSpeaker(session);
                return DatagramDefect.None;
            default:
                return DatagramDefect.Malformed;
        }
    }

    private static DatagramDefect DefectOf(IdCheck check) => check == IdCheck.Violation ? DatagramDefect.OutOfOrder : DatagramDefect.None;
}
