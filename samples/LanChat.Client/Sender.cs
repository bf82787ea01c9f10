using System.Threading.Channels;

namespace LanChat.Samples;

/// <summary>Does what the lines of input say, one after the other: each is confirmed on the output before the next one is sent.</summary>
/// <remarks>So a long file keeps its order, also when the server asks for a slower pace, and is not sent faster than its confirmations can be printed.</remarks>
internal sealed class Sender(ChatClient client, ChatRoom room, RoomLines lines, TransportChoice transport, TextWriter output)
{
    private const string Help = "text is said to the room; /who, /msg NAME TEXT, /help; exit or /quit to leave; for operators: /kick NAME, /ban NAME, /unban NAME, /notice TEXT, /shutdown";

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Gets how many messages were open when the server lost the session: whether they were sent is not known.</summary>
    internal int UnknownCount { get; private set; }

    /// <summary>Sends until the input ends or says to leave. False when it could not go on: the connection has ended or is about to, or it was stopped.</summary>
    internal async Task<bool> SendAsync(ChannelReader<string> input, CancellationToken stop)
    {
        bool isAnswered = true;
        try
        {
            await foreach (string line in input.ReadAllAsync(stop))
            {
                isAnswered = false;
                if (line is "exit" or "/quit")
                {
                    return true;
                }

                if (!await ActAsync(line, stop))
                {
                    return false;
                }

                isAnswered = true;
            }

            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A server that /shutdown stops may be gone before the end of the input is taken up; nothing is left to do then.
            return isAnswered && input.Completion.IsCompleted;
        }
    }

    private async Task<bool> ActAsync(string line, CancellationToken stop)
    {
        switch (line.Split(' ', 3))
        {
            case [""]:
                return true;
            case ["/who"]:
                await output.WriteLineAsync(Who());
                return true;
            case ["/msg", { Length: > 0 } name, { Length: > 0 } text]:
                return await DeliverAsync(() => client.SendDirectAsync(name, text, transport.Next(), stop), ConfirmDirectAsync, stop);
            case ["/help"]:
                await output.WriteLineAsync(Help);
                return true;
            case [['/', ..], ..] when OperatorCommands.Parse(line) is { } command:
                return await DeliverAsync(() => command(client, stop), ConfirmCommandAsync, stop, isCommand: true);
            case [var word, ..] when word is "/msg" or "/who" or "/help" || OperatorCommands.Words.Contains(word):
                await RefuseAsync(DisconnectReason.BadText, $"{word} is written as /help says");
                return true;
            case [['/', ..], ..]:
                await RefuseAsync(DisconnectReason.BadText, "no such command; /help lists them");
                return true;
            default:
                return await DeliverAsync(() => room.SendAsync(line, transport.Next(), stop), lines.ConfirmAsync, stop);
        }
    }

    private async Task<bool> DeliverAsync(Func<ValueTask<SendResult>> send, Func<SendResult, Task> confirm, CancellationToken stop, bool isCommand = false)
    {
        TimeSpan wait = ShortestWait;
        SendResult result = await send();
        while (result is { Outcome: SendOutcome.Rejected, Reason: DisconnectReason.TooFast })
        {
            await Task.Delay(wait, stop);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            result = await send();
        }

        switch (result.Outcome)
        {
            case SendOutcome.Accepted:
                await confirm(result);
                return true;
            case SendOutcome.Rejected when result.Reason != DisconnectReason.ServerStopping && client.State is ChatState.Connected or ChatState.Reconnecting:
                await RefuseAsync(result.Reason, OperatorCommands.Explain(result, isCommand));
                return true;
            case SendOutcome.Unknown when client.State is ChatState.Connected or ChatState.Reconnecting && !stop.IsCancellationRequested:
                // It may be in the room; sending it anew could double it. What follows is sent all the same.
                UnknownCount++;
                await RefuseAsync(result.Reason, "the server lost the session: whether this was sent is not known");
                return true;
            default:
                return false;
        }
    }

    private Task ConfirmDirectAsync(SendResult result) => output.WriteLineAsync($"ok {result.Sequence}");

    // It has no number.
    private Task ConfirmCommandAsync(SendResult result) => output.WriteLineAsync(result.Text.Length > 0 ? $"ok: {result.Text}" : "ok");

    private string Who()
    {
        IReadOnlyList<string> names = room.Members;
        string count = new MembersChanged { Members = room.IsCounted ? room.MemberCount : names.Count }.ToText();
        return names.Count == 0 ? count : $"{count}: {string.Join(", ", names)}";
    }

    private Task RefuseAsync(DisconnectReason reason, string text) => output.WriteLineAsync($"? {(int)reason} {TerminalText.SanitizeToLine(text)}");
}
