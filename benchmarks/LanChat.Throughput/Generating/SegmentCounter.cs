using System.Net.Sockets;
using System.Runtime.InteropServices;
using LanChat.Transport.Epoll;

namespace LanChat.Throughput;

/// <summary>Counts bytes and segments that arrive at a few connections, as Linux counts them: on loopback a send of up to 64 KB arrives as one segment, so their
/// ratio is bytes per send, of every server and without its help.</summary>
internal sealed class SegmentCounter : IDisposable
{
    private const int MaxWatched = 8;

    // getsockopt(IPPROTO_TCP, TCP_INFO): struct tcp_info of linux/tcp.h up to tcpi_data_segs_in.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int BytesReceivedAt = 128;
    private const int DataSegmentsInAt = 152;
    private const int InfoBytes = 160;

    private readonly List<Socket> _watched = [];

    /// <summary>Looks at this connection too, through a descriptor of its own. Only the first few are.</summary>
    internal void Watch(Socket socket)
    {
        if (OperatingSystem.IsLinux() && _watched.Count < MaxWatched)
        {
            int descriptor = Libc.Control(socket.SafeHandle, Libc.DuplicateCloseOnExec, 0);
            if (descriptor >= 0)
            {
                _watched.Add(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
            }
        }
    }

    internal (long Bytes, long Segments) Read()
    {
        long bytes = 0;
        long segments = 0;
        Span<byte> info = stackalloc byte[InfoBytes];
        foreach (Socket socket in _watched)
        {
            info.Clear();
            socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
            bytes += MemoryMarshal.Read<long>(info[BytesReceivedAt..]);
            segments += MemoryMarshal.Read<uint>(info[DataSegmentsInAt..]);
        }

        return (bytes, segments);
    }

    public void Dispose() => _watched.ForEach(socket => socket.Dispose());
}
