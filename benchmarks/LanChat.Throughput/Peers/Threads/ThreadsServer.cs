using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>A thread and a socket for each client. Whoever is slow holds up everybody, for sends are made one after the other and wait.</summary>
internal sealed class ThreadsServer
{
    private const int BufferBytes = 4096;

    /// <summary>Enough for one receive and one loop; thousands of threads are started.</summary>
    private const int StackBytes = 128 * 1024;

    private readonly Lock _sync = new();
    private readonly List<Socket> _clients = [];

    internal int Clients
    {
        get
        {
            lock (_sync)
            {
                return _clients.Count;
            }
        }
    }

    internal void Start(Socket client)
    {
        // A line is sent at once, not when the client's system has acknowledged the one before.
        client.NoDelay = true;
        new Thread(() => Serve(client), StackBytes) { IsBackground = true }.Start();
    }

    private void Serve(Socket client)
    {
        try
        {
            lock (_sync)
            {
                client.Send("welcome\n"u8);
                _clients.Add(client);
            }

            ReadLines(client);
        }
        catch (SocketException)
        {
            // It is gone, and that is all there is to say.
        }
        finally
        {
            lock (_sync)
            {
                _clients.Remove(client);
            }

            client.Dispose();
        }
    }

    private void ReadLines(Socket client)
    {
        byte[] buffer = new byte[BufferBytes];
        int held = 0;
        for (int received; (received = client.Receive(buffer.AsSpan(held))) > 0;)
        {
            held += received;
            int start = 0;
            for (int length; (length = buffer.AsSpan(start, held - start).IndexOf((byte)'\n') + 1) > 0; start += length)
            {
                Broadcast(client, buffer.AsSpan(start, length));
            }

            buffer.AsSpan(start, held - start).CopyTo(buffer);
            held -= start;
            if (held == buffer.Length)
            {
                // A line that does not fit: as the ancestor, what came is a message.
                Broadcast(client, buffer);
                held = 0;
            }
        }
    }

    private void Broadcast(Socket sender, ReadOnlySpan<byte> line)
    {
        lock (_sync)
        {
            foreach (Socket client in _clients)
            {
                if (client != sender)
                {
                    Send(client, line);
                }
            }
        }
    }

    private static void Send(Socket client, ReadOnlySpan<byte> line)
    {
        try
        {
            client.Send(line);
        }
        catch (SocketException)
        {
            // Its own thread finds out, and takes it off the list.
        }
    }
}
