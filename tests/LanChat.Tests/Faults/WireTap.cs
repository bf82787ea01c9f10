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
                record.Sessions.Add(welcome.Session);
                _rooms[0] = new JoinedRecord("", welcome.MailboxEpoch, (JoinOutcome)welcome.MailboxOutcome, Math.Max(1, (long)welcome.MailboxFirst), (long)welcome.MailboxNewest);
                record.Joined.Add(_rooms[0]);
                break;
            case FrameType.Joined:
                JoinedFrame joined = frame.Joined;
                _rooms[joined.Room] = new JoinedRecord(Encoding.UTF8.GetString(joined.Name), joined.Epoch, joined.Outcome, (long)joined.First, (long)joined.Newest);
                record.Joined.Add(_rooms[joined.Room]);
                break;
            case FrameType.Entry when _rooms.TryGetValue(frame.Entry.Room, out JoinedRecord? room):
                // The last one to come counts: what a lost connection brought and nobody looked at comes again.
                record.Newest[(room.Room, room.Epoch, (long)frame.Entry.Sequence)] = room.Newest;
                break;
            case FrameType.Gap:
                record.ToldGaps++;
                break;
            default:
                break;
        }
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

/// <summary>What the server said to one client over all its connections, as far as the laws need it.</summary>
/// <param name="mark">What each text of the client begins with.</param>
internal sealed class ClientRecord(string mark)
{
    internal string Mark => mark;

    /// <summary>Gets the session of each WELCOME.</summary>
    internal List<ulong> Sessions { get; } = [];

    /// <summary>Gets each JOINED; and each WELCOME, as the JOINED of the mailbox.</summary>
    internal List<JoinedRecord> Joined { get; } = [];

    /// <summary>Gets, for each entry that came, the `newest` of the JOINED under which it came: not above it, it is history.</summary>
    internal Dictionary<(string Room, ulong Epoch, long Sequence), long> Newest { get; } = [];

    /// <summary>Gets or sets how many GAP frames came.</summary>
    internal int ToldGaps { get; set; }
}

internal sealed record JoinedRecord(string Room, ulong Epoch, JoinOutcome Outcome, long First, long Newest);
