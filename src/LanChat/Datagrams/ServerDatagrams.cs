using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using LanChat.Connections;
using LanChat.Diagnostics;

namespace LanChat.Datagrams;

/// <summary>The chat port's UDP twin: takes messages from TLS clients that hold a session, each datagram sealed by a key that its connection's WELCOME gave (docs/protocol.md, section 6).</summary>
/// <remarks>
/// <para>One thread at a time receives: it finds the connection, looks at the counter, opens the datagram and only then moves the window. What is genuine goes to the loop of its session, and from there
/// the same way as a frame by TCP; answers are sealed and sent on that loop. What is not genuine is dropped and counted, and nobody is told: the port looks to a stranger as if nobody were there.</para>
/// <para>What waits for loops is bounded, for each connection and in all; what is beyond is dropped, and its client sends it again.</para>
/// </remarks>
internal sealed class ServerDatagrams : IAsyncDisposable
{
    private readonly IDatagramEnd _end;
    private readonly ConcurrentDictionary<ulong, ConnectionDatagrams> _connections = new();
    private readonly ReceivedDatagrams _received = new();

    internal ServerDatagrams(IDatagramEnd end) => _end = end;

    /// <summary>Gets the number of its port.</summary>
    internal int Port => _end.Port;

    /// <summary>Gets how many connections may send datagrams.</summary>
    internal int ConnectionCount => _connections.Count;

    internal void Start() => _end.Start(OnArrived);

    /// <summary>Gives a connection its number and its secret, both fresh. On its loop, which it does not leave any more.</summary>
    internal ConnectionDatagrams Open(ServerConnection connection)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        while (true)
        {
            RandomNumberGenerator.Fill(number);
            var opened = new ConnectionDatagrams(this, connection, BinaryPrimitives.ReadUInt64BigEndian(number));
            if (_connections.TryAdd(opened.Number, opened))
            {
                return opened;
            }
        }
    }

    internal void Forget(ConnectionDatagrams connection) => _connections.TryRemove(connection.Number, out _);

    internal void Send(ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        Metrics.MessageDatagramsSent.Add(1);
        _end.Send(datagram, destination);
    }

    public ValueTask DisposeAsync() => _end.DisposeAsync();

    private void OnArrived(ReadOnlySpan<byte> datagram, SocketAddress source)
    {
        Metrics.MessageDatagramsReceived.Add(1);
        Take(datagram, source).Count();
    }

    private DatagramDefect Take(ReadOnlySpan<byte> datagram, SocketAddress source)
    {
        if (!DatagramLayout.TryRead(datagram, out ulong number, out ulong counter))
        {
            return DatagramDefect.Foreign;
        }

        if (!_connections.TryGetValue(number, out ConnectionDatagrams? connection))
        {
            return DatagramDefect.Unknown;
        }

        if (!connection.MayTakeMore || _received.TryTake() is not { } taken)
        {
            return DatagramDefect.TooMany;
        }

        bool isPosted = false;
        try
        {
            DatagramDefect defect = connection.TryOpen(datagram, counter, taken.Room);
            if (defect != DatagramDefect.None)
            {
                return defect;
            }

            taken.Set(connection, DatagramLayout.FrameBytes(datagram.Length), source);
            isPosted = connection.TryPost(taken);

            // Not posted: the loop has stopped.
            return isPosted ? DatagramDefect.None : DatagramDefect.Unknown;
        }
        finally
        {
            // Whatever happened: they are counted, and none comes again that was lost.
            if (!isPosted)
            {
                _received.TakeBack(taken);
            }
        }
    }
}
