namespace LanChat.Samples;

/// <summary>The life of the program: listen, print what happens and do what the operator says, until told to stop.</summary>
internal static class ServerProgram
{
    internal static async Task<int> RunAsync(ChatServerOptions options, ServerSecrets secrets)
    {
        ConsoleLines.UseUtf8();
        using var signals = new StopSignals();
        ServerIdentity? identity = null;
        ChatServer server;
        try
        {
            identity = secrets.IdentityDirectory is { } directory ? ServerIdentity.LoadOrCreate(directory) : null;
            var token = OperatorToken.LoadOrCreate(secrets.OperatorPath);
            server = await ChatServer.StartAsync(options with { Identity = identity, OperatorToken = token }, signals.Token);
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
            if (secrets.ShowsJoinCode && options.JoinCode is { } code)
            {
                await ConsoleLines.Output.WriteLineAsync($"join code {code.Text}");
            }

            await ConsoleLines.Output.Unfolded.WriteLineAsync($"operator token in {TerminalText.SanitizeToLine(secrets.OperatorPath)}");

            Task printing = RoomLines.PrintAsync(events, ConsoleLines.Output);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
            Task obeying = new Operator(server, ConsoleLines.Output).ObeyAsync(ConsoleLines.ReadInput(), stop.Token);

            // An operator somewhere else may stop it as well.
            await Task.WhenAny(obeying, server.Completion);
            await stop.CancelAsync();
            await obeying;
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
