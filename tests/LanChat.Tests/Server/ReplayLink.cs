using System.Buffers;
using System.Net;
using LanChat.Transport;

namespace LanChat.Tests.Server;

/// <summary>A link that costs nothing: what it receives is a prepared array, what it sends is counted and forgotten.</summary>
internal sealed class ReplayLink() : Link(new IPEndPoint(IPAddress.Loopback, 1))
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>How many bytes the server sent.</summary>
    internal long SentBytes { get; private set; }

    /// <summary>If there is one, it also gets what the server sends.</summary>
    internal ArrayBufferWriter<byte>? Sent { get; set; }

    internal ReplayPoller? Poller { get; set; }

    internal bool IsReadable => _start < _end;

    internal override bool IsSending => false;

    /// <summary>Gives the server bytes to receive; the array is the test's again when they are received.</summary>
    internal void Feed(byte[] bytes, int count)
    {
        (_bytes, _start, _end) = (bytes, 0, count);
        Poller?.OnFed(this);
    }

    internal override LinkStatus Receive(Span<byte> into, out int received)
    {
        received = Math.Min(into.Length, _end - _start);
        _bytes.AsSpan(_start, received).CopyTo(into);
        _start += received;
        return received > 0 ? LinkStatus.Ok : LinkStatus.WouldBlock;
    }

    internal override LinkStatus Send(ReadOnlySpan<ArraySegment<byte>> pieces, out int sent)
    {
        sent = 0;
        foreach (ArraySegment<byte> piece in pieces)
        {
            sent += piece.Count;
            Sent?.Write(piece);
        }

        SentBytes += sent;
        return LinkStatus.Ok;
    }

    internal override void ShutdownSend()
    {
    }

    internal override void Close(bool reset)
    {
    }
}

/// <summary>Watches <see cref="ReplayLink"/>s without a thread and without memory. Links to which nothing is fed cost nothing.</summary>
internal sealed class ReplayPoller : Poller
{
    private readonly List<ReplayLink> _fed = [];

    internal void OnFed(ReplayLink link)
    {
        if (!_fed.Contains(link))
        {
            _fed.Add(link);
        }
    }

    internal override void Add(Link link)
    {
        var replay = (ReplayLink)link;
        replay.Poller = this;
        OnFed(replay);
    }

    internal override void Remove(Link link)
    {
        var replay = (ReplayLink)link;
        replay.Poller = null;
        _fed.Remove(replay);
    }

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int count = 0;
        for (int i = 0; i < _fed.Count && count < ready.Length;)
        {
            if (_fed[i].IsReadable)
            {
                ready[count++] = new ReadyLink(_fed[i++], LinkEvents.Readable);
            }
            else
            {
                _fed.RemoveAt(i);
            }
        }

        return count;
    }

    internal override void Wake()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
