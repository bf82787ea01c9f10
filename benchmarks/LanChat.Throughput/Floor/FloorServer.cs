using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using LanChat.Transport.Epoll;
using Microsoft.Win32.SafeHandles;

namespace LanChat.Throughput;

/// <summary>What sockets allow at best: one thread, one shared log, a cursor for each client, and after each batch of events one send for each client of all it lacks.</summary>
/// <remarks>A yardstick, not a product: frames are a u32 length (little-endian) and that many bytes, everybody gets all of them, also the publisher. No checks but the length, no rooms,
/// no names, no order but the log's.</remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class FloorServer : IDisposable
{
    private const int LogBytes = 32 << 20;
    private const int ReceiveBytes = 256 << 10;
    private const int MaxFrameBytes = 1 << 20;
    private const int MaxEvents = 1024;
    private const int EpollModify = 3;
    private const int NonBlockingCloseOnExec = 0x80000 | 0x800;
    private const int TcpLevel = 6;
    private const int TcpNoDelay = 1;

    // A signal's handler runs on another thread and cannot end the wait, so the wait looks up now and then. Under load it never lasts this long.
    private const int StopCheckMilliseconds = 100;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
    private readonly int _listenerDescriptor;
    private readonly SafeFileHandle _epoll = Libc.EpollCreate(Libc.EpollCloseOnExec);
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed((nuint)(MaxEvents * Libc.EpollEventBytes));
    private readonly byte* _log = (byte*)NativeMemory.Alloc(LogBytes);
    private readonly List<FloorClient> _clients = [];
    private FloorClient?[] _byDescriptor = new FloorClient?[1024];
    private int _head;
    private int _behind;
    private volatile bool _isStopping;

    internal FloorServer(int port)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(4096);
        _listenerDescriptor = (int)_listener.SafeHandle.DangerousGetHandle();
        Watch(Libc.EpollAdd, _listenerDescriptor, Libc.EpollIn);
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal long Sends { get; private set; }

    internal long SentBytes { get; private set; }

    internal long Rounds { get; private set; }

    internal long PartialSends { get; private set; }

    internal int Dropped { get; private set; }

    internal void Stop() => _isStopping = true;

    internal void Run()
    {
        while (!_isStopping)
        {
            int before = _head;
            int count = Libc.EpollWait((int)_epoll.DangerousGetHandle(), _events, MaxEvents, StopCheckMilliseconds);
            for (int i = 0; i < count; i++)
            {
                byte* one = _events + (i * Libc.EpollEventBytes);
                Act((int)*(ulong*)(one + Libc.EpollDataOffset), *(uint*)one);
            }

            if (_head != before)
            {
                Round();
            }
        }
    }

    public void Dispose()
    {
        while (_clients.Count > 0)
        {
            Remove(_clients[^1]);
        }

        _listener.Dispose();
        _epoll.Dispose();
        NativeMemory.Free(_events);
        NativeMemory.Free(_log);
    }

    private void Act(int descriptor, uint events)
    {
        if (descriptor == _listenerDescriptor)
        {
            AcceptAll();
            return;
        }

        if (_byDescriptor[descriptor] is { } client && (events & Libc.EpollOut) != 0)
        {
            Send(client);
        }

        if (_byDescriptor[descriptor] is { } still && (events & ~Libc.EpollOut) != 0)
        {
            Receive(still);
        }
    }

    private void AcceptAll()
    {
        int descriptor;
        while ((descriptor = Accept(_listenerDescriptor, null, null, NonBlockingCloseOnExec)) >= 0)
        {
            int one = 1;
            _ = SetOption(descriptor, TcpLevel, TcpNoDelay, &one, sizeof(int));
            Add(new FloorClient(descriptor) { Cursor = _head, Index = _clients.Count });
        }
    }

    private void Add(FloorClient client)
    {
        if (client.Descriptor >= _byDescriptor.Length)
        {
            Array.Resize(ref _byDescriptor, client.Descriptor * 2);
        }

        _clients.Add(client);
        _byDescriptor[client.Descriptor] = client;
        Watch(Libc.EpollAdd, client.Descriptor, Libc.EpollIn);
    }

    private void Remove(FloorClient client)
    {
        _behind -= client.IsBehind ? 1 : 0;
        FloorClient last = _clients[^1];
        _clients[client.Index] = last;
        last.Index = client.Index;
        _clients.RemoveAt(_clients.Count - 1);
        _byDescriptor[client.Descriptor] = null;
        _ = Libc.Close(client.Descriptor);
    }

    // The bytes land where they are to stay: at the end of the log, behind what the client still had of a frame. Only what is not whole is moved out again.
    private void Receive(FloorClient client)
    {
        MakeRoom();
        int held = client.Held.Length;
        client.Held.CopyTo(new Span<byte>(_log + _head, held));
        nint count = Libc.Receive(client.Descriptor, _log + _head + held, ReceiveBytes, 0);
        if (count <= 0)
        {
            if (count == 0 || Marshal.GetLastPInvokeError() is not (Libc.WouldBlock or Libc.Interrupted))
            {
                Remove(client);
            }

            return;
        }

        var bytes = new ReadOnlySpan<byte>(_log + _head, held + (int)count);
        int whole = 0;
        while (bytes.Length - whole >= sizeof(uint))
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[whole..]);
            if (length > MaxFrameBytes)
            {
                Remove(client);
                return;
            }

            if (bytes.Length - whole - sizeof(uint) < length)
            {
                break;
            }

            whole += sizeof(uint) + (int)length;
        }

        client.Held = whole == bytes.Length ? [] : bytes[whole..].ToArray();
        _head += whole;
    }

    private void Round()
    {
        Rounds++;
        // From the back: a client that fails takes the place of none that is still to come.
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            if (!_clients[i].IsBehind)
            {
                Send(_clients[i]);
            }
        }

        if (_behind == 0)
        {
            _head = 0;
            foreach (FloorClient client in _clients)
            {
                client.Cursor = 0;
            }
        }
    }

    private void Send(FloorClient client)
    {
        int wanted = _head - client.Cursor;
        if (wanted == 0)
        {
            return;
        }

        nint sent = Libc.Send(client.Descriptor, _log + client.Cursor, wanted, Libc.NoSignal);
        if (sent < 0 && Marshal.GetLastPInvokeError() is not (Libc.WouldBlock or Libc.Interrupted))
        {
            Remove(client);
            return;
        }

        Sends++;
        sent = Math.Max(sent, 0);
        SentBytes += sent;
        client.Cursor += (int)sent;
        bool isBehind = sent < wanted;
        if (isBehind != client.IsBehind)
        {
            PartialSends += isBehind ? 1 : 0;
            _behind += isBehind ? 1 : -1;
            client.IsBehind = isBehind;
            Watch(EpollModify, client.Descriptor, Libc.EpollIn | (isBehind ? Libc.EpollOut : 0));
        }
    }

    /// <summary>When the log is full because somebody is always behind: what everybody has is cut off, and who is behind by half the log is dropped.</summary>
    private void MakeRoom()
    {
        if (LogBytes - _head >= MaxFrameBytes + sizeof(uint) + ReceiveBytes)
        {
            return;
        }

        int oldest = _head;
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            if (_head - _clients[i].Cursor > LogBytes / 2)
            {
                Dropped++;
                Remove(_clients[i]);
            }
            else
            {
                oldest = Math.Min(oldest, _clients[i].Cursor);
            }
        }

        new ReadOnlySpan<byte>(_log + oldest, _head - oldest).CopyTo(new Span<byte>(_log, LogBytes));
        _head -= oldest;
        foreach (FloorClient client in _clients)
        {
            client.Cursor -= oldest;
        }
    }

    private void Watch(int operation, int descriptor, uint events)
    {
        byte* one = stackalloc byte[16];
        *(uint*)one = events;
        *(ulong*)(one + Libc.EpollDataOffset) = (ulong)descriptor;
        if (Libc.EpollControl(_epoll, operation, descriptor, one) != 0)
        {
            throw new Win32Exception();
        }
    }

    // Not through Socket: its objects would be most of what an idle client costs.
    [LibraryImport("libc", EntryPoint = "accept4")]
    private static partial int Accept(int listener, void* address, void* addressBytes, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(int descriptor, int level, int option, void* value, int bytes);
}
