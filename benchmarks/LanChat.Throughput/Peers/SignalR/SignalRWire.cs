using System.Buffers;
using System.Text;

namespace LanChat.Throughput;

/// <summary>SignalR's hub protocol in JSON (aspnetcore, src/SignalR/docs/specs/HubProtocol.md) in WebSocket frames (RFC 6455).</summary>
/// <remarks>The protocol is a stream of records that end in 1E. WebSocket frames cut it anywhere: a frame may hold several records, and a record may
/// lie in several frames. So frames are taken as far as they have come, and the part of a record that ends with them is kept.</remarks>
internal sealed class SignalRWire(string room, bool receives) : Wire
{
    private const byte RecordEnd = 0x1E;
    private const int MaxRecordBytes = 1 << 20;

    /// <summary>A server ends a client from which it has heard nothing for 30 s; its own client pings every 15.</summary>
    private const long PingMilliseconds = 10_000;

    private ArrayBufferWriter<byte>? _part;
    private byte[]? _pong;
    private long _lastSent = Environment.TickCount64;
    private int _payloadLeft;
    private bool _isUpgraded;
    private bool _hasShaken;

    private static ReadOnlySpan<byte> InvocationHead => """{"type":1,"target":"SendText","arguments":["""u8;

    private static ReadOnlySpan<byte> DeliveryHead => """{"type":1,"target":"Text","arguments":["""u8;

    private static ReadOnlySpan<byte> Tail => "]}"u8;

    private static ReadOnlySpan<byte> Ping => "{\"type\":6}\x1e"u8;

    private bool IsPingDue => _hasShaken && Environment.TickCount64 - _lastSent > PingMilliseconds;

    internal override int PendingReply =>
        (_pong is null ? 0 : WebSocketFrame.MeasureMasked(_pong.Length)) + (IsPingDue ? WebSocketFrame.MeasureMasked(Ping.Length) : 0);

    // RFC 6455, 4.1; the key is the one of the RFC's example, whose answer is known (1.3). The hub protocol's own handshake may follow without waiting.
    internal override void WriteHello(IBufferWriter<byte> output)
    {
        output.Write(Encoding.ASCII.GetBytes(
            $"GET {ChatHub.Path}?room={room}&receives={(receives ? "yes" : "no")} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        WriteText(output, "{\"protocol\":\"json\",\"version\":1}\x1e"u8);
    }

    // An invocation without an id: no completion is sent back.
    internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
    {
        WebSocketFrame.WriteHead(output, WebSocketOpcode.Text, RecordBytes(InvocationHead, payload.Length));
        output.Write(InvocationHead);
        output.Write("\""u8);
        output.Write(payload);
        output.Write("\"]}\x1e"u8);
        _lastSent = Environment.TickCount64;
    }

    internal override void WriteReply(IBufferWriter<byte> output)
    {
        if (_pong is not null)
        {
            WebSocketFrame.WriteHead(output, WebSocketOpcode.Pong, _pong.Length);
            output.Write(_pong);
            _pong = null;
        }

        if (IsPingDue)
        {
            WriteText(output, Ping);
        }
    }

    internal override int DeliveredBytes(int payloadBytes) => WebSocketFrame.Measure(RecordBytes(DeliveryHead, payloadBytes));

    internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
    {
        int taken = _isUpgraded ? 0 : TakeUpgrade(bytes);
        while (_isUpgraded)
        {
            int here = Math.Min(_payloadLeft, bytes.Length - taken);
            TakePayload(bytes.Slice(taken, here), sink);
            taken += here;
            _payloadLeft -= here;

            if (_payloadLeft > 0
                || !WebSocketFrame.TryReadHead(bytes[taken..], out WebSocketFrame frame)
                || (frame.IsControl && bytes.Length - taken - frame.HeadBytes < frame.PayloadBytes))
            {
                break;
            }

            taken += frame.HeadBytes;
            if (frame.IsControl)
            {
                TakeControl(frame.Opcode, bytes.Slice(taken, frame.PayloadBytes));
                taken += frame.PayloadBytes;
            }
            else
            {
                _payloadLeft = frame.PayloadBytes;
            }
        }

        return taken;
    }

    private static int RecordBytes(ReadOnlySpan<byte> head, int payloadBytes) => head.Length + 1 + payloadBytes + 1 + Tail.Length + 1;

    private void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> record)
    {
        WebSocketFrame.WriteHead(output, WebSocketOpcode.Text, record.Length);
        output.Write(record);
        _lastSent = Environment.TickCount64;
    }

    private int TakeUpgrade(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> answer = bytes[..end];
        if (!answer.StartsWith("HTTP/1.1 101 "u8) || answer.IndexOf("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8) < 0)
        {
            throw new InvalidDataException($"No WebSocket: {Ascii.Quote(answer)}");
        }

        _isUpgraded = true;
        return end + 4;
    }

    private void TakeControl(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case WebSocketOpcode.Ping:
                _pong = payload.ToArray();
                break;
            case WebSocketOpcode.Pong:
                break;
            default:
                throw new InvalidDataException($"The server ended the WebSocket ({opcode}): {Ascii.Quote(payload.Length > 2 ? payload[2..] : [])}");
        }
    }

    private void TakePayload(ReadOnlySpan<byte> payload, IDeliveries sink)
    {
        for (int end; (end = payload.IndexOf(RecordEnd)) >= 0; payload = payload[(end + 1)..])
        {
            if (_part is not { WrittenCount: > 0 })
            {
                TakeRecord(payload[..end], sink);
                continue;
            }

            _part.Write(payload[..end]);
            TakeRecord(_part.WrittenSpan, sink);
            _part.ResetWrittenCount();
        }

        if (!payload.IsEmpty)
        {
            _part ??= new ArrayBufferWriter<byte>();
            _part.Write(payload);
            if (_part.WrittenCount > MaxRecordBytes)
            {
                throw new InvalidDataException("A record has no end.");
            }
        }
    }

    private void TakeRecord(ReadOnlySpan<byte> record, IDeliveries sink)
    {
        if (!_hasShaken)
        {
            // The handshake's answer is an empty object, or has an error in it.
            _hasShaken = record.SequenceEqual("{}"u8) ? true : throw new InvalidDataException($"SignalR refused: {Ascii.Quote(record)}");
        }
        else if (record.StartsWith(DeliveryHead) && record.EndsWith(Tail))
        {
            ReadOnlySpan<byte> argument = record[DeliveryHead.Length..^Tail.Length];
            if (argument.Length < 2 || argument[0] != '"' || argument[^1] != '"' || argument[1..^1].IndexOfAny((byte)'"', (byte)'\\') >= 0)
            {
                throw new InvalidDataException($"This is no text as it was sent: {Ascii.Quote(argument)}");
            }

            sink.Delivered(argument[1..^1]);
        }
        else if (record.StartsWith("""{"type":1,"target":"Joined","""u8))
        {
            IsReady = true;
        }
        else if (!record.SequenceEqual(Ping[..^1]))
        {
            throw new InvalidDataException($"SignalR said: {Ascii.Quote(record)}");
        }
    }
}
