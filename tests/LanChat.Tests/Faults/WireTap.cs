using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <summary>Sees all frames that pass between one client and the server, notes what the laws need to know, and passes the bytes on: as they are, or spoiled by a <see cref="SeededBug"/>.</summary>
/// <remarks>Used under its stream's lock.</remarks>
internal sealed class WireTap(ClientRecord record, SeededBug? bug)
{
    private readonly ByteQueue _toParseIn = new();
    private readonly ByteQueue _toParseOut = new();
    private readonly ByteQueue _received = new();
    private readonly ByteQueue _unsent = new();

    // By the number that JOINED gave the room on this connection; 0 is the mailbox.
    private readonly Dictionary<uint, JoinedRecord> _rooms = [];

    /// <summary>Gets whether the client has said HELLO.</summary>
    internal bool HasHello { get; private set; }

    /// <summary>Gets whether the server's WELCOME has come.</summary>
    internal bool HasWelcome { get; private set; }

    /// <summary>Gets the session of that WELCOME.</summary>
    internal ulong Session { get; private set; }

    /// <summary>Gets whether the server has answered a PING: it has heard more than HELLO, and keeps the session.</summary>
    internal bool HasPong { get; private set; }

    internal ReadOnlySpan<byte> Unsent => _unsent.Bytes;

    internal bool HasReceived => !_received.Bytes.IsEmpty;

    internal void Receive(ReadOnlySpan<byte> bytes)
    {
        List<WireFrame> frames = Frames(_toParseIn, bytes);
        frames.ForEach(Note);
        if (bug is null)
        {
            // Also the half of a frame: the client is to meet every cut that the wire makes.
            _received.Add(bytes);
            return;
        }

        foreach (WireFrame frame in bug.ToClient(frames, record))
        {
            _received.Add(frame.ToBytes());
        }
    }

    internal bool TryTakeReceived(Span<byte> into, out int taken)
    {
        taken = Math.Min(into.Length, _received.Bytes.Length);
        _received.Bytes[..taken].CopyTo(into);
        _received.Remove(taken);
        return taken > 0;
    }

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        List<WireFrame> frames = Frames(_toParseOut, bytes);
        HasHello |= frames.Exists(static frame => frame.Type == FrameType.Hello);
        if (bug is null)
        {
            _unsent.Add(bytes);
            return;
        }

        foreach (WireFrame frame in bug.ToServer(frames, record))
        {
            _unsent.Add(frame.ToBytes());
        }
    }

    internal void Sent(int count) => _unsent.Remove(count);

    private static List<WireFrame> Frames(ByteQueue queue, ReadOnlySpan<byte> bytes)
    {
        queue.Add(bytes);
        List<WireFrame> frames = WireFrame.Parse(queue.Bytes.ToArray(), out int used);
        queue.Remove(used);
        return frames;
    }

    private void Note(WireFrame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Welcome:
                HasWelcome = true;
                WelcomeFrame welcome = frame.Welcome;
                Session = welcome.Session;
                record.Sessions.Add(welcome.Session);
                Note(0, new JoinedRecord(record.Joined.Count, "", welcome.MailboxEpoch, welcome.MailboxOutcome, Math.Max(1, (long)welcome.MailboxFirst), (long)welcome.MailboxNewest));
                break;
            case FrameType.Joined:
                JoinedFrame joined = frame.Joined;
                string name = Encoding.UTF8.GetString(joined.Name);
                Note(joined.Room, new JoinedRecord(record.Joined.Count, name, joined.Epoch, joined.Outcome, (long)joined.First, (long)joined.Newest));
                break;
            case FrameType.Entry when _rooms.TryGetValue(frame.Entry.Room, out JoinedRecord? room):
                record.NoteEntry(room, (long)frame.Entry.Sequence);
                break;
            case FrameType.Gap:
                record.ToldGaps++;
                break;
            case FrameType.Pong:
                HasPong = true;
                break;
            case FrameType.Bye:
                record.Byes.Add((DisconnectReason)frame.Bye.Code);
                break;
            default:
                break;
        }
    }

    private void Note(uint number, JoinedRecord joined)
    {
        _rooms[number] = joined;
        record.Joined.Add(joined);
    }

    /// <summary>Bytes, first in, first out.</summary>
    private sealed class ByteQueue
    {
        private byte[] _bytes = new byte[256];
        private int _start;
        private int _count;

        internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _count);

        internal void Add(ReadOnlySpan<byte> bytes)
        {
            if (_start + _count + bytes.Length > _bytes.Length)
            {
                byte[] target = new byte[Math.Max(_bytes.Length, 2 * (_count + bytes.Length))];
                Bytes.CopyTo(target);
                (_bytes, _start) = (target, 0);
            }

            bytes.CopyTo(_bytes.AsSpan(_start + _count));
            _count += bytes.Length;
        }

        internal void Remove(int count)
        {
            _start += count;
            _count -= count;
            _start = _count == 0 ? 0 : _start;
        }
    }
}
