using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>The time before the chat: asks for a name, connects and joins, and asks again when the name is not to be had.</summary>
internal sealed class Introduction(Display display, ChannelReader<ScreenInput> inputs, Func<string, CancellationToken, Task<ChatClient>> connect)
{
    // What the wire has room for; the server decides what it takes.
    private const int MaxNameBytes = 255;

    private readonly LineEditor _editor = new(MaxNameBytes, (_, _) => Completion.None);

    /// <summary>Gets what was typed while connecting: it is meant for the chat.</summary>
    internal List<Key> TypedAhead { get; } = [];

    /// <summary>Connects under a name, asked for when it is empty. Null: the user gave up.</summary>
    internal async Task<ChatClient?> ConnectAsync(string name, CancellationToken cancelled)
    {
        string? next = name.Length > 0 ? name : await AskAsync(cancelled);
        while (next is not null)
        {
            try
            {
                return await UnlessInterruptedAsync(token => connect(next, token), cancelled);
            }
            catch (ChatException exception) when (exception.Reason is DisconnectReason.NameInUse or DisconnectReason.BadName)
            {
                display.Print($"? {EventLines.Continued(exception.Message)}", display.Painter.Bad);
                TypedAhead.Clear();
                next = await AskAsync(cancelled);
            }
        }

        return null;
    }

    /// <summary>Waits for something that Ctrl-C gives up. Null: it was given up.</summary>
    internal async Task<T?> UnlessInterruptedAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancelled)
        where T : class
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        Task<T> acting = act(interrupt.Token);
        while (!acting.IsCompleted)
        {
            Task<bool> input = inputs.WaitToReadAsync(interrupt.Token).AsTask();
            if (await Task.WhenAny(acting, input) == input && await input && inputs.TryRead(out ScreenInput? next) && next is KeysPressed { Keys: var keys })
            {
                TypedAhead.AddRange(keys);
                if (keys.Count == 0 || keys.Any(key => key.Kind == KeyKind.Interrupt))
                {
                    await interrupt.CancelAsync();
                }
            }
        }

        try
        {
            return await acting;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancelled.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancelled)
    {
        var prompt = new StyledLine(new StyledRun("Name: ", display.Painter.Bold));
        var hint = new StyledLine(new StyledRun("Enter alone: the server gives you one.", display.Painter.Dim));
        while (true)
        {
            display.Update([], _ => hint, prompt, _editor);
            if (await inputs.ReadAsync(cancelled) is not KeysPressed { Keys: var keys })
            {
                continue;
            }

            if (keys.Count == 0)
            {
                return null;
            }

            for (int i = 0; i < keys.Count; i++)
            {
                if (keys[i].Kind is KeyKind.Interrupt || (keys[i].Kind is KeyKind.EndOfInput && _editor.Text.Length == 0))
                {
                    return null;
                }

                if (_editor.Apply(keys[i]) == EditResult.Submitted)
                {
                    TypedAhead.AddRange(keys.Skip(i + 1));
                    return _editor.Take().Trim();
                }
            }
        }
    }
}
