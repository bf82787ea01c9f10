using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>The chat on a terminal, from taking it over to giving it back.</summary>
/// <param name="connect">Connects.</param>
/// <param name="transport">How messages travel.</param>
internal sealed class TerminalChat(Connect connect, TransportChoice transport)
{
    // Keys, events and results that wait for the screen; a writer that finds it full waits in turn.
    private const int MaxInputs = 256;

    /// <summary>Gets whether a person sits at both ends of the program, at a terminal that can move its cursor.</summary>
    internal static bool IsPossible =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected
        && (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>Talks until the user leaves, which gives null, or the connection ends, which gives the sentence that says why.</summary>
    /// <exception cref="ChatException">No connection could be made, or the room not be joined.</exception>
    internal async Task<string?> RunAsync(string name, JoinCode? code, string room, CancellationToken cancelled)
    {
        var inputs = Channel.CreateBounded<ScreenInput>(new BoundedChannelOptions(MaxInputs) { SingleReader = true });
        using RawTerminal terminal = RawTerminal.Enter(() => inputs.Writer.TryWrite(TerminalChanged.Instance));
        terminal.StartReading(keys => WriteBlocking(inputs.Writer, new KeysPressed(keys)));
        var display = new Display(terminal, Painter.From(Environment.GetEnvironmentVariable));
        try
        {
            var introduction = new Introduction(display, inputs.Reader, connect);
            await using ChatClient? client = await introduction.ConnectAsync(name, code, cancelled);
            if (client is null || await introduction.UnlessInterruptedAsync(token => client.JoinAsync(room, token).AsTask(), cancelled) is not { } first)
            {
                return null;
            }

            display.Print(FirstContact.Welcome(client));
            if (FirstContact.Describe(client) is { } described)
            {
                display.Print(described);
            }

            using var screen = new ChatScreen(display, client, first, inputs, transport, FirstContact.DescribeLink(client));
            return await screen.RunAsync(introduction.TypedAhead, cancelled);
        }
        finally
        {
            inputs.Writer.TryComplete();
            display.Close();
        }
    }

    /// <summary>Writes an input, if need be after a wait; when none are taken any more, it is dropped.</summary>
    internal static void WriteBlocking(ChannelWriter<ScreenInput> inputs, ScreenInput input)
    {
        bool isOpen = true;
        while (isOpen && !inputs.TryWrite(input))
        {
            // What the inputs failed with is for the screen's loop to throw. On the thread of the keys nobody would catch it: the process would end in the midst of its orderly end.
            Task<bool> free = inputs.WaitToWriteAsync().AsTask();
            ((Task)free).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            isOpen = free.IsCompletedSuccessfully && free.Result;
        }
    }
}
