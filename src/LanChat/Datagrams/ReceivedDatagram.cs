using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LanChat.Transport;

namespace LanChat.Datagrams;

/// <summary>A datagram that was opened, on its way to the loop of its connection; used again and again.</summary>
internal sealed class ReceivedDatagram(ReceivedDatagrams home) : PostedWork
{
    private readonly byte[] _frame = new byte[DatagramLayout.MaxFrameBytes];
    private ConnectionDatagrams? _owner;
    private int _frameBytes;

    /// <summary>Gets where the frame is put; all of it.</summary>
    internal Span<byte> Room => _frame;

    internal ReadOnlySpan<byte> Frame => _frame.AsSpan(0, _frameBytes);

    /// <summary>Gets where it came from.</summary>
    internal SocketAddress Source { get; } = new(AddressFamily.InterNetworkV6);

    /// <summary>It is taken: what is in it, whose it is and where it came from.</summary>
    internal void Set(ConnectionDatagrams owner, int frameBytes, SocketAddress source)
    {
        _owner = owner;
        _frameBytes = frameBytes;
        source.Buffer.Span[..source.Size].CopyTo(Source.Buffer.Span);
        Source.Size = source.Size;
    }

    /// <summary>On the loop.</summary>
    internal override void Run()
    {
        ConnectionDatagrams owner = _owner!;
        try
        {
            owner.Act(this);
        }
        catch (Exception exception)
        {
            owner.Fail(exception);
        }
        finally
        {
            _owner = null;
            home.TakeBack(this);
        }
    }
}

/// <summary>The datagrams that are on their way to loops, and those that are free: so many and no more.</summary>
/// <remarks>One thread takes, any may give back.</remarks>
internal sealed class ReceivedDatagrams
{
    /// <summary>For all connections together: a third of a megabyte. What does not fit is sent again by its client, after a while that grows.</summary>
    internal const int MaxCount = 256;

    private readonly IntrusiveStack<PostedWork> _returned = new();
    private PostedWork? _free;
    private int _made;

    /// <summary>Takes one; null when all are on their way.</summary>
    internal ReceivedDatagram? TryTake()
    {
        _free ??= _returned.TakeAll();
        if (_free is ReceivedDatagram free)
        {
            _free = free.Next;
            free.Next = null;
            return free;
        }

        return _made < MaxCount ? Make() : null;
    }

    internal void TakeBack(ReceivedDatagram datagram)
    {
        bool isBack = _returned.TryPush(datagram);
        Debug.Assert(isBack, "Nobody closes it.");
    }

    private ReceivedDatagram Make()
    {
        _made++;
        return new ReceivedDatagram(this);
    }
}
