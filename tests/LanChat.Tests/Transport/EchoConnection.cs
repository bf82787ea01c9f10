using System.Buffers;
using LanChat.Transport;

namespace LanChat.Tests.Transport;

/// <summary>Sends back every whole frame it gets. A frame is one byte n, then n bytes.</summary>
internal sealed class EchoConnection(Link link) : LoopConnection(link)
{
    private byte[] _pending = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>What was called, in order; only if the test set it.</summary>
    internal List<string>? Calls { get; init; }

    /// <summary>Called after the frames of one receive were queued.</summary>
    internal Action<EchoConnection>? Received { get; set; }

    internal Action<EchoConnection>? Flushing { get; set; }

    internal Action<EchoConnection>? Deadline { get; set; }

    internal Action<EchoConnection>? Closed { get; set; }

    /// <summary>What to do at the end; closes by default.</summary>
    internal Action<EchoConnection>? LinkEnded { get; set; }

    internal int FrameCount { get; private set; }

    internal int WritableCount { get; private set; }

    internal int ClosedCount { get; private set; }

    internal LinkStatus? EndStatus { get; private set; }

    internal bool EndedInsideFrame { get; private set; }

    internal int PendingBytes => _end - _start;

    internal override void OnAdded() => Calls?.Add("added");

    internal override SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
    {
        if (!bytes.IsSingleSegment || bytes.IsEmpty)
        {
            throw new InvalidOperationException("Bytes come in one piece.");
        }

        Calls?.Add($"received {bytes.Length}");
        ReadOnlySpan<byte> span = bytes.FirstSpan;
        int consumed = 0;
        while (!IsClosing && consumed < span.Length && span.Length - consumed > span[consumed])
        {
            int length = span[consumed] + 1;
            Append(span.Slice(consumed, length));
            consumed += length;
            FrameCount++;
        }

        if (consumed > 0)
        {
            Loop.Queue(this);
        }

        Received?.Invoke(this);
        return bytes.GetPosition(consumed);
    }

    internal override void OnLinkEnded(LinkStatus status, bool insideFrame)
    {
        Calls?.Add($"ended {status} {insideFrame}");
        (EndStatus, EndedInsideFrame) = (status, insideFrame);
        if (LinkEnded is null)
        {
            Loop.Close(this, reset: false);
        }
        else
        {
            LinkEnded(this);
        }
    }

    internal override void Flush()
    {
        Calls?.Add("flush");
        Flushing?.Invoke(this);
        if (_end == _start || IsClosing)
        {
            return;
        }

        Loop.Pieces[0] = new ArraySegment<byte>(_pending, _start, _end - _start);
        LinkStatus status = Link.Send(Loop.Pieces[..1], out int sent);
        _start += sent;
        if (status == LinkStatus.Broken)
        {
            (EndStatus, EndedInsideFrame) = (status, Held.Count > 0);
            Loop.Close(this, reset: true);
        }
    }

    internal override void OnWritable()
    {
        WritableCount++;
        Calls?.Add("writable");
        base.OnWritable();
    }

    internal override void OnDeadline()
    {
        Calls?.Add("deadline");
        Deadline?.Invoke(this);
    }

    internal override void OnClosed()
    {
        ClosedCount++;
        Calls?.Add("closed");
        Closed?.Invoke(this);
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_end + bytes.Length > _pending.Length)
        {
            Array.Resize(ref _pending, 2 * (_end + bytes.Length));
        }

        bytes.CopyTo(_pending.AsSpan(_end));
        _end += bytes.Length;
    }
}
