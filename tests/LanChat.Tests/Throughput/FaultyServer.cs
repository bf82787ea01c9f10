using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LanChat.Throughput;

namespace LanChat.Tests.Throughput;

/// <summary>What a server does wrong, once.</summary>
public enum Fault
{
    None,

    /// <summary>A message does not reach one receiver; the next do.</summary>
    Drops,

    /// <summary>A message reaches one receiver twice.</summary>
    Repeats,

    /// <summary>Two messages reach one receiver in the wrong order.</summary>
    Swaps,

    /// <summary>A letter of a message is another.</summary>
    Alters,

    /// <summary>A message comes under the name of somebody who is not in the room.</summary>
    Misattributes,

    /// <summary>The connection of one receiver is closed.</summary>
    Closes,

    /// <summary>From some message on one receiver gets nothing.</summary>
    FallsSilent,
}

/// <summary>A broadcast server of one thread whose last caller publishes messages of a fixed length, and which does one thing wrong to one receiver.</summary>
internal sealed class FaultyServer : Contestant, IAsyncDisposable
{
    internal const int MessageBytes = 40;

    /// <summary>The message at which it goes wrong.</summary>
    private const int FaultyAt = 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    internal FaultyServer(Fault fault, int receivers)
    {
        _listener.Start();
        _serving = Task.Run(() => ServeAsync(fault, receivers));
    }

    internal override string Name => "faulty";

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal override ProcessStartInfo Server(int port, int loops, string directory) => throw new NotSupportedException();

    internal override Wire NewWire(string room, bool receives) => new PlainWire();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Fault fault, int receivers)
    {
        var clients = new List<NetworkStream>();
        try
        {
            while (clients.Count <= receivers)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                clients.Add(new NetworkStream(socket, ownsSocket: true));
            }

            byte[] message = new byte[MessageBytes];
            byte[] kept = [];
            for (int number = 1; ; number++)
            {
                await clients[^1].ReadExactlyAsync(message, _stop.Token);
                foreach (NetworkStream client in clients[1..^1])
                {
                    await client.WriteAsync(message, _stop.Token);
                }

                bool isFaulty = number == FaultyAt;
                switch (fault)
                {
                    case Fault.Drops when isFaulty:
                        continue;
                    case Fault.Repeats when isFaulty:
                        await clients[0].WriteAsync(message, _stop.Token);
                        break;
                    case Fault.Swaps when isFaulty:
                        kept = [.. message];
                        continue;
                    case Fault.Alters when isFaulty:
                        message[^1]++;
                        break;
                    case Fault.Misattributes when isFaulty:
                        message[7]++;
                        break;
                    case Fault.Closes when isFaulty:
                        await clients[0].DisposeAsync();

                        // To the end: a socket that is closed with something unread is reset.
                        await clients[^1].CopyToAsync(Stream.Null, _stop.Token);
                        return;
                    case Fault.FallsSilent when number >= FaultyAt:
                        continue;
                }

                await clients[0].WriteAsync(message, _stop.Token);
                await clients[0].WriteAsync(kept, _stop.Token);
                kept = [];
            }
        }
        catch (EndOfStreamException)
        {
            // The generator has what it wanted.
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    /// <summary>Messages of a fixed length, and nothing else.</summary>
    private sealed class PlainWire : Wire
    {
        internal override void WriteHello(IBufferWriter<byte> output) => IsReady = true;

        internal override void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload) => output.Write(payload);

        internal override int DeliveredBytes(int payloadBytes) => payloadBytes;

        internal override int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink)
        {
            int taken = 0;
            for (; bytes.Length - taken >= MessageBytes; taken += MessageBytes)
            {
                sink.Delivered(bytes.Slice(taken, MessageBytes));
            }

            return taken;
        }
    }
}
