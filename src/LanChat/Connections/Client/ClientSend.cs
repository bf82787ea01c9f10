using System.Buffers;
using LanChat.Framing;

namespace LanChat.Connections.Client;

/// <summary>One message of the app on its way to its one outcome, which this task source hands over. It keeps the message: after a
/// GAP it is sent again under the same id.</summary>
/// <remarks>Continuations never run on the read loop. Everything but the task is guarded by the client's Gate.</remarks>
internal sealed class ClientSend : TaskCompletionSource<SendResult>
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly ReadOnlyMemory<byte> _to;
    private readonly bool _isOpaque;

    private ClientSend(ClientRoom? room, ReadOnlyMemory<byte> to, ReadOnlyMemory<byte> body, bool isOpaque, MessageTransport transport)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Room = room;
        _to = to;
        _body = body;
        _isOpaque = isOpaque;
        Transport = transport;
    }

    /// <summary>Gets the room that it goes to; null for a direct message.</summary>
    internal ClientRoom? Room { get; }

    /// <summary>Gets or sets the id under which it was sent; 0 while it waits for its turn.</summary>
    internal ulong Id { get; set; }

    /// <summary>Gets how it is to travel, if it can.</summary>
    internal MessageTransport Transport { get; }

    internal int BodyBytes => _body.Length;

    /// <summary>Gets how long its frame is, type and body.</summary>
    internal int FrameBytes => Room is not null ? PublishFrame.MeasureBytes(_body.Length) : DirectFrame.MeasureBytes(_to.Length, _body.Length);

    internal static ClientSend Publish(ClientRoom room, ReadOnlyMemory<byte> body, bool isOpaque, MessageTransport transport = default) =>
        new(room, default, body, isOpaque, transport);

    internal static ClientSend Direct(ReadOnlyMemory<byte> to, ReadOnlyMemory<byte> body, MessageTransport transport = default) => new(null, to, body, false, transport);

    internal void WriteTo(IBufferWriter<byte> output)
    {
        if (Room is not null)
        {
            byte flags = _isOpaque ? PublishFrame.OpaqueFlag : (byte)0;
            new PublishFrame { Room = Room.Number, Id = Id, Flags = flags, Body = _body.Span }.WriteTo(output);
        }
        else
        {
            new DirectFrame { Id = Id, To = _to.Span, Body = _body.Span }.WriteTo(output);
        }
    }
}
