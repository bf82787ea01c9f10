using LanChat.Samples.Terminal;

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
        if (TerminalChat.IsPossible)
        {
            return await TalkOnTerminalAsync(cancelled);
        }

        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        connecting.CancelAfter(timeout);
        try
        {
            await using ChatClient client = await ConnectAsync(name, connecting.Token);
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

    private async Task<int> TalkOnTerminalAsync(CancellationToken cancelled)
    {
        try
        {
            string? why = await new TerminalChat(ConnectAsync, describeLink: _ => "not encrypted").RunAsync(name, room, cancelled);
            return why is null ? 0 : await FailAsync(why);
        }
        catch (ChatException exception)
        {
            return await FailAsync(exception.Message);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    private async Task<ChatClient> ConnectAsync(string wantedName, CancellationToken cancelled) => await ChatClient.ConnectAsync(
        server.Host, server.Port, new ChatClientOptions { Name = wantedName, ConnectTimeout = timeout }, cancelled);

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

        return cancelled.IsCancellationRequested ? Interrupted : await FailAsync(Ending.Explain(await client.Completion, client.DisconnectText, chatRoom));
    }

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync(ConsoleLines.OneLine(message));
        return Failed;
    }
}
