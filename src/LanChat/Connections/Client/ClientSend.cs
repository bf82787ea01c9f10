using System.Buffers;
using LanChat.Framing;

namespace LanChat.Connections.Client;

/// <summary>One message or command of the app on its way to its one outcome, which this task source hands over. It keeps what it is: after a
/// GAP, or over another connection, it is sent again under the same id.</summary>
/// <remarks>Continuations never run on the read loop. Everything but the task is guarded by the client's Gate.</remarks>
internal sealed class ClientSend : TaskCompletionSource<SendResult>
{
    private readonly Kind _kind;
    private readonly ReadOnlyMemory<byte> _body;

    // The member that a direct message goes to, or a command's verb.
    private readonly ReadOnlyMemory<byte> _to;

    private ClientSend(Kind kind, ClientRoom? room, ReadOnlyMemory<byte> to, ReadOnlyMemory<byte> body, MessageTransport transport)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _kind = kind;
        Room = room;
        _to = to;
        _body = body;
        Transport = transport;
    }

    private enum Kind : byte
    {
        Text,
        Opaque,
        Direct,
        Command,
    }

    /// <summary>Gets the room that it goes to; null for a direct message and a command.</summary>
    internal ClientRoom? Room { get; }

    internal bool IsCommand => _kind == Kind.Command;

    /// <summary>Gets or sets the id under which it was sent; 0 while it waits for its turn.</summary>
    internal ulong Id { get; set; }

    /// <summary>Gets how it is to travel, if it can.</summary>
    internal MessageTransport Transport { get; }

    internal int BodyBytes => _body.Length;

    /// <summary>Gets how long its frame is, type and body. Of what can go by UDP.</summary>
    internal int FrameBytes => Room is not null ? PublishFrame.MeasureBytes(_body.Length) : DirectFrame.MeasureBytes(_to.Length, _body.Length);

    internal static ClientSend Publish(ClientRoom room, ReadOnlyMemory<byte> body, bool isOpaque, MessageTransport transport = default) =>
        new(isOpaque ? Kind.Opaque : Kind.Text, room, default, body, transport);

    internal static ClientSend Direct(ReadOnlyMemory<byte> to, ReadOnlyMemory<byte> body, MessageTransport transport = default) => new(Kind.Direct, null, to, body, transport);

    internal static ClientSend Command(ReadOnlyMemory<byte> verb, ReadOnlyMemory<byte> argument) => new(Kind.Command, null, verb, argument, MessageTransport.Tcp);

    internal void WriteTo(IBufferWriter<byte> output)
    {
        switch (_kind)
        {
            case Kind.Direct:
                new DirectFrame { Id = Id, To = _to.Span, Body = _body.Span }.WriteTo(output);
                break;
            case Kind.Command:
                new CommandFrame { Id = Id, Verb = _to.Span, Argument = _body.Span }.WriteTo(output);
                break;
            default:
                byte flags = _kind == Kind.Opaque ? PublishFrame.OpaqueFlag : (byte)0;
                new PublishFrame { Room = Room!.Number, Id = Id, Flags = flags, Body = _body.Span }.WriteTo(output);
                break;
        }
    }
}
