using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>Runs the floor until it is told to stop, and then says what it sent.</summary>
internal static class FloorCommand
{
    /// <summary>Gets why there is no floor here; null where there is.</summary>
    internal static string? WhyNot => OperatingSystem.IsLinux() && Environment.Is64BitProcess ? null : "The floor is written for epoll: it runs on 64-bit Linux only.";

    internal static Command Make()
    {
        var port = new Option<int>("--port") { Description = "TCP port; 0 for any that is free" };
        var pin = new Option<int?>("--pin") { Description = "Run on this core only" };
        var floor = new Command("floor", "What sockets allow: one thread, one log, one send for each client and round") { port, pin };
        floor.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments.GetValue(port), arguments.GetValue(pin), cancellationToken)));
        return floor;
    }

    private static int Run(int port, int? core, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || WhyNot is not null)
        {
            Console.Error.WriteLine(WhyNot);
            return 1;
        }

        if (core is { } one)
        {
            if (!Affinity.Cores.Contains(one))
            {
                Console.Error.WriteLine($"There is no core {one} to run on; there are {string.Join(", ", Affinity.Cores)}.");
                return 1;
            }

            Affinity.Pin([one]);
        }

        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            Console.Error.WriteLine($"--port must be from {IPEndPoint.MinPort} to {IPEndPoint.MaxPort}.");
            return 1;
        }

        FloorServer server;
        try
        {
            server = new FloorServer(port);
        }
        catch (SocketException e)
        {
            Console.Error.WriteLine($"Port {port} cannot be listened on: {e.Message}");
            return 1;
        }

        using FloorServer serving = server;
        using CancellationTokenRegistration stop = cancellationToken.Register(server.Stop);
        Console.WriteLine($"listening on 127.0.0.1:{server.Port}");
        server.Run();
        Console.WriteLine($"floor: {server.Sends} sends, {server.SentBytes} bytes, {server.Rounds} rounds, {server.PartialSends} partial, {server.Dropped} dropped");
        return 0;
    }
}
