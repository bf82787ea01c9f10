using System.Text;
using LanChat.Framing;

namespace LanChat.Tests.Client;

/// <summary>A frame that the client sent, decoded on demand; asking for another type than it is fails the test.</summary>
internal sealed record Received(FrameType Type, byte[] Body)
{
    public (uint Room, ulong Id, byte Flags, string Text) Publish
    {
        get
        {
            PublishFrame frame = Decode<PublishFrame>();
            return (frame.Room, frame.Id, frame.Flags, Encoding.UTF8.GetString(frame.Body));
        }
    }

    public (ulong Id, string To, string Text) Direct
    {
        get
        {
            DirectFrame frame = Decode<DirectFrame>();
            return (frame.Id, Encoding.UTF8.GetString(frame.To), Encoding.UTF8.GetString(frame.Body));
        }
    }

    public (ulong Id, string Verb, string Argument) Command
    {
        get
        {
            CommandFrame frame = Decode<CommandFrame>();
            return (frame.Id, Encoding.UTF8.GetString(frame.Verb), Encoding.UTF8.GetString(frame.Argument));
        }
    }

    public (ushort Replay, ulong Epoch, ulong After, string Room) Join
    {
        get
        {
            JoinFrame frame = Decode<JoinFrame>();
            return (frame.Replay, frame.Epoch, frame.After, Encoding.UTF8.GetString(frame.Room));
        }
    }

    public uint Leave => Decode<LeaveFrame>().Room;

    public ulong Pong => Decode<PongFrame>().Opaque;

    public DisconnectReason Bye => (DisconnectReason)Decode<ByeFrame>().Code;

    public T Decode<T>()
        where T : struct, IFrame<T>, allows ref struct
    {
        if (Type != T.Type || !T.TryDecode(Body, out T frame))
        {
            throw new InvalidOperationException($"The client sent {Type} with {Body.Length} bytes where {T.Type} was due.");
        }

        return frame;
    }
}
