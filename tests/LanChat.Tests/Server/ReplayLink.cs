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

    internal bool IsReadable => _start < _end;

    internal override bool IsSending => false;

    /// <summary>Gives the server bytes to receive; the array is the test's again when they are received.</summary>
    internal void Feed(byte[] bytes, int count) => (_bytes, _start, _end) = (bytes, 0, count);

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

/// <summary>Watches <see cref="ReplayLink"/>s without a thread and without memory.</summary>
internal sealed class ReplayPoller : Poller
{
    private readonly List<ReplayLink> _links = [];

    internal override void Add(Link link) => _links.Add((ReplayLink)link);

    internal override void Remove(Link link) => _links.Remove((ReplayLink)link);

    internal override int Wait(Span<ReadyLink> ready, bool block)
    {
        int count = 0;
        foreach (ReplayLink link in _links)
        {
            if (link.IsReadable && count < ready.Length)
            {
                ready[count++] = new ReadyLink(link, LinkEvents.Readable);
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
