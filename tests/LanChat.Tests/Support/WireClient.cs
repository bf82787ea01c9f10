using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using LanChat.Framing;

namespace LanChat.Tests.Support;

/// <summary>A caller on a real socket that speaks whatever bytes a test wants. Every wait has a deadline.</summary>
internal sealed class WireClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly List<byte> _received = [];
    private SslStream? _tls;

    /// <summary>What is said on: the socket's stream, or TLS over it.</summary>
    internal Stream Stream => _tls ?? (Stream)_tcp.GetStream();

    /// <summary>The TLS that <see cref="SecureAsync"/> put over the socket.</summary>
    internal SslStream? Tls => _tls;

    internal Socket Socket => _tcp.Client;

    internal static async Task<WireClient> ConnectAsync(IPEndPoint server, bool tls = false)
    {
        var client = new WireClient();
        IPAddress address = server.Address.Equals(IPAddress.IPv6Any) || server.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Address;

        // At once, and on the thread that says the first word: a server greets who is silent for two seconds.
        client._tcp.Connect(address, server.Port);
        if (tls)
        {
            await client.SecureAsync(TestIdentity.ClientOptions());
        }

        return client;
    }

    /// <summary>Starts TLS.</summary>
    internal async Task SecureAsync(SslClientAuthenticationOptions options)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        _tls = new SslStream(_tcp.GetStream());
        await _tls.AuthenticateAsClientAsync(options, deadline.Token);
    }

    /// <summary>Connects, says HELLO and JOIN and reads until the roster.</summary>
    internal static async Task<(WireClient Client, uint Room)> JoinAsync(IPEndPoint server, string name, string room = "lobby", int replay = 0, bool tls = false)
    {
        WireClient client = await ConnectAsync(server, tls);
        await client.SendAsync([.. WireFrame.Hello(name), .. WireFrame.Join(room, replay)]);
        await client.ExpectAsync(FrameType.Welcome);
        WireFrame joined = await client.ExpectAsync(FrameType.Joined);
        uint number = joined.Joined.Room;
        if ((joined.Joined.Flags & JoinedFrame.CountedFlag) == 0)
        {
            await client.ExpectAsync(FrameType.Roster);
        }

        return (client, number);
    }

    internal async Task SendAsync(byte[] bytes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await Stream.WriteAsync(bytes, deadline.Token);
    }

    internal Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads the next frame; null at the end of the stream.</summary>
    internal async Task<WireFrame?> ReadAsync()
    {
        while (true)
        {
            if (TryTake() is { } frame)
            {
                return frame;
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Reads the next frame, which must be of a type.</summary>
    internal async Task<WireFrame> ExpectAsync(FrameType type)
    {
        WireFrame frame = await ReadAsync() ?? throw new EndOfStreamException($"The server closed; {type} was expected.");
        return frame.Type == type ? frame : throw new InvalidOperationException($"Expected {type}, got {frame}.");
    }

    /// <summary>Reads frames until one fits; the others are dropped.</summary>
    internal async Task<WireFrame> UntilAsync(Func<WireFrame, bool> fits)
    {
        while (true)
        {
            WireFrame frame = await ReadAsync() ?? throw new EndOfStreamException("The server closed before the frame that was waited for.");
            if (fits(frame))
            {
                return frame;
            }
        }
    }

    /// <summary>Reads to the end of the stream and returns what came, as text.</summary>
    internal async Task<string> ReadToEndAsync()
    {
        while (await FillAsync())
        {
        }

        return Encoding.UTF8.GetString(_received.ToArray());
    }

    /// <summary>Reads one line of text, without its end.</summary>
    internal async Task<string> ReadLineAsync()
    {
        int end;
        while ((end = _received.IndexOf((byte)'\n')) < 0)
        {
            if (!await FillAsync())
            {
                throw new EndOfStreamException("The server closed; a line was expected.");
            }
        }

        string line = Encoding.UTF8.GetString(_received.GetRange(0, end).ToArray());
        _received.RemoveRange(0, end + 1);
        return line;
    }

    /// <summary>Takes what was received beyond the frames that were read, for a test that goes on reading <see cref="Stream"/> itself.</summary>
    internal byte[] TakeUnread()
    {
        byte[] unread = [.. _received];
        _received.Clear();
        return unread;
    }

    public void Dispose()
    {
        _tls?.Dispose();
        _tcp.Dispose();
    }

    private WireFrame? TryTake()
    {
        var buffer = new ReadOnlySequence<byte>(_received.ToArray());
        long before = buffer.Length;
        FrameReadStatus status = FrameReader.TryRead(ref buffer, 1 << 20, out FrameType type, out ReadOnlySequence<byte> body);
        if (status != FrameReadStatus.Frame)
        {
            return status == FrameReadStatus.Incomplete ? null : throw new InvalidOperationException($"The server sent a frame that is {status}.");
        }

        var frame = new WireFrame((byte)type, body.ToArray());
        _received.RemoveRange(0, (int)(before - buffer.Length));
        return frame;
    }

    // False at the end of the stream. A reset is an end too: what it may destroy is asserted elsewhere.
    private async Task<bool> FillAsync()
    {
        byte[] block = new byte[64 << 10];
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            int read = await Stream.ReadAsync(block, deadline.Token);
            _received.AddRange(block.AsSpan(0, read));
            return read > 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing came from the server within {Deadline}.");
        }
    }
}
