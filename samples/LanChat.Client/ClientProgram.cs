using LanChat.Samples.Terminal;

namespace LanChat.Samples;

/// <summary>The life of the program: find the server, connect, join, print what happens and send what is typed, until the input or the connection ends.</summary>
internal sealed class ClientProgram(ClientSettings settings)
{
    private const int Failed = 1;

    // What a shell reports for a program that Ctrl-C ended.
    private const int Interrupted = 130;

    internal async Task<int> RunAsync(CancellationToken cancelled)
    {
        ConsoleLines.UseUtf8();
        try
        {
            if (await new ServerChoice(settings).MakeAsync(canAsk: TerminalChat.IsPossible, cancelled) is not { } connect)
            {
                return Failed;
            }

            return TerminalChat.IsPossible ? await TalkOnTerminalAsync(connect, cancelled) : await TalkInLinesAsync(connect, cancelled);
        }
        catch (ChatException exception)
        {
            return await FailAsync(exception.Message);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a reader that went away.
            return await FailAsync($"the output cannot be written: {exception.Message}");
        }
    }

    private async Task<int> TalkOnTerminalAsync(Connect connect, CancellationToken cancelled)
    {
        string? why = await new TerminalChat(connect, settings.Transport).RunAsync(settings.Name, settings.JoinCode, settings.Room, cancelled);
        return why is null ? 0 : await FailAsync(why);
    }

    private async Task<int> TalkInLinesAsync(Connect connect, CancellationToken cancelled)
    {
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        connecting.CancelAfter(settings.Timeout);
        try
        {
            await using ChatClient client = await connect(settings.Name, settings.JoinCode, connecting.Token);
            if (FirstContact.Describe(client) is { } described)
            {
                await ConsoleLines.Errors.WriteLineAsync(described);
            }

            await ConsoleLines.Output.WriteLineAsync(client.Welcome.Replace("\n", "\n    ", StringComparison.Ordinal));
            return await TalkAsync(client, await client.JoinAsync(settings.Room, connecting.Token), cancelled);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return await FailAsync($"no answer from {(object?)settings.Server ?? "the server"} within {settings.Timeout.TotalSeconds:0.###} s");
        }
    }

    private async Task<int> TalkAsync(ChatClient client, ChatRoom chatRoom, CancellationToken cancelled)
    {
        var lines = new RoomLines(client, chatRoom, ConsoleLines.Output);
        Task printing = Task.WhenAll(lines.PrintRoomAsync(), lines.PrintDirectAsync());

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        Task<ChatStateChange?> contact = Contact.ReportAsync(client);
        var sender = new Sender(client, chatRoom, lines, settings.Transport, ConsoleLines.Output);
        Task<bool> sending = sender.SendAsync(ConsoleLines.ReadInput(), stop.Token);
        await Task.WhenAny(sending, client.Completion, chatRoom.Completion, contact, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token));
        await stop.CancelAsync();
        if (!sending.IsCompleted && (contact.IsCompleted || cancelled.IsCancellationRequested))
        {
            // The line that is under way may have no answer any more, and a client that comes back would wait for it.
            await client.StopAsync(CancellationToken.None);
        }

        bool isDone = await sending;
        if (!isDone)
        {
            // A server that is stopping takes no more lines before it says so.
            await Task.WhenAny(client.Completion, chatRoom.Completion, contact).WaitAsync(cancelled);
        }

        // Both print to the end what was received before it.
        await client.StopAsync(CancellationToken.None);
        await printing;
        ChatStateChange? stopping = await contact;
        if (isDone)
        {
            return sender.UnknownCount == 0 ? 0 : await FailAsync($"the server lost the session: of {sender.UnknownCount} lines it is not known whether they were sent");
        }

        if (cancelled.IsCancellationRequested)
        {
            return Interrupted;
        }

        (DisconnectReason reason, string text) = stopping is not null ? (stopping.Reason, stopping.Text) : (await client.Completion, client.DisconnectText);
        return await FailAsync(Ending.Explain(reason, text, chatRoom));
    }

    private static async Task<int> FailAsync(string message)
    {
        try
        {
            await ConsoleLines.Errors.WriteLineAsync(TerminalText.SanitizeToLine(message));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is nowhere left to say it; the exit code does.
        }

        return Failed;
    }
}
