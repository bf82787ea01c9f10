namespace LanChat.Samples;

/// <summary>The life of the program: listen, print what happens and do what the operator says, until told to stop.</summary>
internal static class ServerProgram
{
    internal static async Task<int> RunAsync(ChatServerOptions options)
    {
        ConsoleLines.UseUtf8();
        using var signals = new StopSignals();
        ChatServer server;
        try
        {
            server = await ChatServer.StartAsync(options, signals.Token);
        }
        catch (ChatException exception)
        {
            await Console.Error.WriteLineAsync(ConsoleLines.OneLine(exception.Message));
            return 1;
        }

        await using (server)
        {
            // Subscribed before anybody can know the port.
            IAsyncEnumerable<RoomEvent> events = server.ReadAllAsync();
            await Console.Out.WriteLineAsync(server.Welcome);
            await Console.Out.WriteLineAsync($"listening on {server.EndPoint}");

            Task printing = RoomLines.PrintAsync(events, Console.Out);
            await new Operator(server, Console.Out).ObeyAsync(ConsoleLines.ReadInput(), signals.Token);
            await server.StopAsync();
            await printing;
        }

        return 0;
    }
}
