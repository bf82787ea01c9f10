using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>The design that LanChat replaces: a thread for each client that waits for a line and writes it to every other client, one send each, under a lock.</summary>
internal static class ThreadsCommand
{
    internal static Command Make()
    {
        var port = new Option<int>("--port") { Required = true };
        var threads = new Command("threads", "A thread for each client, on loopback") { port };
        threads.Hidden = true;
        threads.SetAction((arguments, cancellationToken) => Task.Run(() => Run(arguments.GetValue(port), cancellationToken), CancellationToken.None));
        return threads;
    }

    private static void Run(int port, CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        using CancellationTokenRegistration stop = cancellationToken.Register(listener.Dispose);
        var server = new ThreadsServer();
        _ = IdleCollection.RunAsync(() => server.Clients, cancellationToken);
        try
        {
            while (true)
            {
                server.Start(listener.Accept());
            }
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is SocketException or ObjectDisposedException)
        {
            // Told to stop. The clients' threads end with the process.
        }
    }
}
