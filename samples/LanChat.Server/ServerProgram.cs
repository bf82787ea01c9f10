namespace LanChat.Samples;

/// <summary>The life of the program: listen, print what happens and do what the operator says, until told to stop.</summary>
internal static class ServerProgram
{
    internal static async Task<int> RunAsync(ChatServerOptions options, string? identityDirectory)
    {
        ConsoleLines.UseUtf8();
        using var signals = new StopSignals();
        ServerIdentity? identity = null;
        ChatServer server;
        try
        {
            identity = identityDirectory is null ? null : ServerIdentity.LoadOrCreate(identityDirectory);
            server = await ChatServer.StartAsync(options with { Identity = identity }, signals.Token);
        }
        catch (ChatException exception)
        {
            identity?.Dispose();
            await ConsoleLines.Errors.WriteLineAsync(TerminalText.SanitizeToLine(exception.Message));
            return 1;
        }

        using (identity)
        await using (server)
        {
            // Subscribed before anybody can know the port.
            IAsyncEnumerable<RoomEvent> events = server.ReadAllAsync();
            await ConsoleLines.Output.WriteLineAsync(server.Welcome);
            await ConsoleLines.Output.WriteLineAsync($"listening on {server.EndPoint}");
            await ConsoleLines.Output.WriteLineAsync($"fingerprint {server.Id.Fingerprint}");
            await ConsoleLines.Output.Unfolded.WriteLineAsync($"link {server.Address}");
            await ConsoleLines.Output.WriteLineAsync(Announcement(server, options));

            Task printing = RoomLines.PrintAsync(events, ConsoleLines.Output);
            await new Operator(server, ConsoleLines.Output).ObeyAsync(ConsoleLines.ReadInput(), signals.Token);
            await server.StopAsync();
            await printing;
        }

        return 0;
    }

    private static string Announcement(ChatServer server, ChatServerOptions options) => server.Beacon switch
    {
        null => "not announced: clients need --server or the link",
        { Interfaces: [] } beacon => $"not announced: {beacon.Problem ?? "there is no network interface for it"}",
        { Problem: { } problem } beacon => $"announcing {server.Name} on {string.Join(", ", beacon.Interfaces)} (UDP {options.DiscoveryPort}), but {problem}",
        var beacon => $"announcing {server.Name} on {string.Join(", ", beacon.Interfaces)} (UDP {options.DiscoveryPort})",
    };
}
