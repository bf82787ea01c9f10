namespace LanChat.Samples;

/// <summary>The life of the program: connect, join, print what happens and send what is typed, until the input or the connection ends.</summary>
internal sealed class ClientProgram(ServerAddress server, string name, string room, TimeSpan timeout)
{
    private const int Failed = 1;

    // What a shell reports for a program that Ctrl-C ended.
    private const int Interrupted = 130;

    internal async Task<int> RunAsync(CancellationToken cancelled)
    {
        ConsoleLines.UseUtf8();
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        connecting.CancelAfter(timeout);
        try
        {
            await using ChatClient client = await ChatClient.ConnectAsync(
                server.Host, server.Port, new ChatClientOptions { Name = name, ConnectTimeout = timeout }, connecting.Token);
            await Console.Out.WriteLineAsync(client.Welcome);
            return await TalkAsync(client, await client.JoinAsync(room, connecting.Token), cancelled);
        }
        catch (ChatException exception)
        {
            return await FailAsync(exception.Message);
        }
        catch (OperationCanceledException)
        {
            return cancelled.IsCancellationRequested ? Interrupted : await FailAsync($"no answer from {server} within {timeout.TotalSeconds:0.###} s");
        }
    }

    private static async Task<int> TalkAsync(ChatClient client, ChatRoom chatRoom, CancellationToken cancelled)
    {
        var lines = new RoomLines(client, chatRoom, Console.Out);
        Task printing = Task.WhenAll(lines.PrintRoomAsync(), lines.PrintDirectAsync());

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        Task<bool> sending = new Sender(client, chatRoom, lines, Console.Out).SendAsync(ConsoleLines.ReadInput(), stop.Token);
        await Task.WhenAny(sending, client.Completion, chatRoom.Completion);
        await stop.CancelAsync();
        bool isDone = await sending;
        if (!isDone)
        {
            // A server that is stopping takes no more lines before it says so.
            await Task.WhenAny(client.Completion, chatRoom.Completion).WaitAsync(cancelled);
        }

        // Both print to the end what was received before it.
        await client.StopAsync(CancellationToken.None);
        await printing;
        if (isDone)
        {
            return 0;
        }

        return cancelled.IsCancellationRequested ? Interrupted : await FailAsync(Explain(await client.Completion, client.DisconnectText, chatRoom));
    }

    private static string Explain(DisconnectReason reason, string text, ChatRoom chatRoom)
    {
        string what = reason switch
        {
            DisconnectReason.Goodbye => $"no longer in {chatRoom.Name}",
            DisconnectReason.ServerStopping => "the server stopped",
            DisconnectReason.Kicked => "kicked by the operator",
            DisconnectReason.Banned => "banned by the operator",
            DisconnectReason.Idle => "disconnected for being idle",
            DisconnectReason.TooSlow => "disconnected for reading too slowly",
            DisconnectReason.ConnectionReset or DisconnectReason.HeartbeatLost => "the connection to the server was lost",
            _ => $"disconnected ({reason})",
        };
        string more = reason == DisconnectReason.Goodbye ? chatRoom.PartedText : text;
        return more.Length == 0 ? what : $"{what}: {more}";
    }

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync(ConsoleLines.OneLine(message));
        return Failed;
    }
}
