using System.Net;
using System.Net.Sockets;
using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Transport;

/// <summary>A listener on loopback and one loop with a thread; each accepted link becomes what the test makes of it.</summary>
internal sealed class SocketFixture : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SocketListener _listener;

    internal SocketFixture(PlatformTransport transport, Func<Link, LoopConnection> connect, IPAddress? address = null)
    {
        Loop = new EventLoop(transport.MakePoller(), TimeProvider.System, "sockets", Logger);
        Loop.Start();
        _listener = SocketListener.Start(new IPEndPoint(address ?? IPAddress.Loopback, 0), transport, link => Loop.Add(connect(link)), TimeProvider.System, Logger);
    }

    internal RecordingLogger Logger { get; } = new();

    internal EventLoop Loop { get; }

    internal IPEndPoint EndPoint => _listener.LocalEndPoint;

    internal async Task<Socket> ConnectAsync(int? receiveBuffer = null, IPAddress? address = null)
    {
        address ??= EndPoint.Address;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(new IPEndPoint(address, EndPoint.Port));
        return socket;
    }

    /// <summary>Runs on the loop and gives back what it found.</summary>
    internal async Task<T> OnLoopAsync<T>(Func<T> look)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(look => result.SetResult(look()), look);
        return await result.Task.WaitAsync(Patience);
    }

    /// <summary>Waits, by iterations of the loop, until it is so.</summary>
    internal async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await OnLoopAsync(condition))
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException("It never came true: " + what);
            }

            await Task.Yield();
        }
    }

    /// <summary>Reads exactly this many bytes.</summary>
    internal static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count)
        {
            int received = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Patience);
            read += received > 0 ? received : throw new EndOfStreamException($"The connection ended after {read} of {count} bytes.");
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await Loop.DisposeAsync();
    }
}
