using System.Buffers.Binary;
using System.Net;
using LanChat.Datagrams;
using LanChat.Framing;

namespace LanChat.Tests.Support;

/// <summary>A member of a <see cref="MemoryServer"/> that also speaks by UDP, as rightly or wrongly as a test wants.</summary>
internal sealed class DatagramCaller
{
    private readonly MemoryServer _server;
    private readonly ulong _connection;
    private readonly byte[] _secret;
    private readonly DatagramKey _incoming;
    private ulong _counter;

    internal DatagramCaller(MemoryServer server, MemoryCaller tcp, WireFrame welcome, IPAddress? address = null)
    {
        _server = server;
        Tcp = tcp;
        Port = welcome.Welcome.UdpPort;
        _connection = welcome.Welcome.UdpConnection;
        _secret = welcome.Welcome.UdpSecret.ToArray();
        Outgoing = DatagramKey.ToServer(_secret);
        _incoming = DatagramKey.ToClient(_secret);
        End = server.Datagrams.OpenClient(address);
    }

    internal MemoryCaller Tcp { get; }

    internal int Port { get; }

    internal DatagramKey Outgoing { get; }

    /// <summary>Where it sends from.</summary>
    internal DatagramNetworkEnd End { get; set; }

    internal static DatagramCaller Join(MemoryServer server, string name, IPAddress? address = null)
    {
        MemoryCaller tcp = server.Connect(address);
        tcp.Say([.. WireFrame.Hello(name), .. WireFrame.Join("lobby")]);
        return new DatagramCaller(server, tcp, tcp.Frames()[0], address);
    }

    /// <summary>Seals a frame, given with its length, under the next counter.</summary>
    internal byte[] Seal(byte[] frame, ulong? counter = null, DatagramKey? key = null, ulong? connection = null)
    {
        byte[] datagram = new byte[DatagramLayout.FrameAt + frame.Length - FrameLimits.LengthBytes + DatagramLayout.TagBytes];
        frame.AsSpan(FrameLimits.LengthBytes).CopyTo(datagram.AsSpan(DatagramLayout.FrameAt));
        DatagramLayout.WriteHeader(datagram, connection ?? _connection, counter ?? ++_counter);
        (key ?? Outgoing).Seal(datagram);
        return datagram;
    }

    /// <summary>Sends bytes as they are and lets the server act on them.</summary>
    internal void Send(byte[] datagram)
    {
        End.Send(datagram, new IPEndPoint(IPAddress.Loopback, 9090).Serialize());
        _server.Run();
    }

    /// <summary>Sends a frame, given with its length.</summary>
    internal void Say(byte[] frame) => Send(Seal(frame));

    /// <summary>Takes the answers that have come here, each as it must be.</summary>
    internal List<WireFrame> Answers() => AnswersAt(End);

    internal List<WireFrame> AnswersAt(DatagramNetworkEnd end)
    {
        List<WireFrame> answers = [.. end.Received.Select(Open)];
        end.Received.Clear();
        return answers;
    }

    private WireFrame Open(byte[] datagram)
    {
        if (!DatagramLayout.TryRead(datagram, out ulong connection, out _) || connection != _connection)
        {
            throw new InvalidOperationException("An answer for nobody here.");
        }

        byte[] frame = new byte[DatagramLayout.FrameBytes(datagram.Length)];
        return _incoming.TryOpen(datagram, frame)
            ? new WireFrame(frame[0], frame[1..])
            : throw new InvalidOperationException($"An answer that does not open, counter {BinaryPrimitives.ReadUInt64BigEndian(datagram.AsSpan(DatagramLayout.CounterAt))}.");
    }
}
