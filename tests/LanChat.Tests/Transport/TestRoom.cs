using System.Buffers;
using LanChat.Transport;

namespace LanChat.Tests.Transport;

/// <summary>The smallest room: bytes that every member gets, in one order. Its members are on one loop; other threads may append too.</summary>
internal sealed class TestRoom(EventLoop loop) : RoundSource
{
    private readonly Lock _gate = new();
    private readonly List<RoomMember> _members = [];
    private int _length;

    internal byte[] Bytes { get; } = new byte[1 << 20];

    /// <summary>Release, partner of the read by members: the bytes below it are written.</summary>
    internal int Length => Volatile.Read(ref _length);

    internal int AfterBatchCount { get; private set; }

    internal int CollectCount { get; private set; }

    internal void Add(RoomMember member) => _members.Add(member);

    internal void Remove(RoomMember member) => _members.Remove(member);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        Write(bytes);
        loop.Mark(this);
    }

    internal void AppendFromOutside(ReadOnlySpan<byte> bytes)
    {
        Write(bytes);
        loop.MarkFromOutside(this);
    }

    /// <summary>Starts over; the members must have caught up.</summary>
    internal void Rewind()
    {
        _length = 0;
        foreach (RoomMember member in _members)
        {
            member.Position = 0;
        }
    }

    internal override void AfterBatch() => AfterBatchCount++;

    internal override void CollectRound()
    {
        CollectCount++;
        foreach (RoomMember member in _members)
        {
            loop.FlushInRound(member);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            bytes.CopyTo(Bytes.AsSpan(_length));
            Volatile.Write(ref _length, _length + bytes.Length);
        }
    }
}

/// <summary>A connection as a cursor: what it receives is appended, what it lacks is sent.</summary>
internal sealed class RoomMember(Link link, TestRoom room) : LoopConnection(link)
{
    internal int Position { get; set; }

    internal override void OnAdded() => room.Add(this);

    internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
    {
        room.Append(bytes.FirstSpan);
        return bytes.End;
    }

    internal override void OnLinkEnded(LinkStatus status, bool insideFrame) => Loop.Close(this, reset: false);

    internal override void Flush()
    {
        int lacking = room.Length - Position;
        if (lacking == 0 || Link.IsSending)
        {
            return;
        }

        Loop.Pieces[0] = new ArraySegment<byte>(room.Bytes, Position, lacking);
        if (Link.Send(Loop.Pieces[..1], out int sent) == LinkStatus.Broken)
        {
            Loop.Close(this, reset: true);
        }

        Position += sent;
    }

    internal override void OnDeadline()
    {
    }

    internal override void OnClosed() => room.Remove(this);
}
