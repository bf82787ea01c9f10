using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>The time before the chat: asks for a name, connects and joins; asks again when the name is not to be had, and for the join code when the server wants one.</summary>
internal sealed class Introduction(Display display, ChannelReader<ScreenInput> inputs, Connect connect)
{
    // What the wire has room for; the server decides what it takes.
    private const int MaxNameBytes = 255;

    private LineEditor _editor = new(MaxNameBytes, (_, _) => Completion.None);

    /// <summary>Gets what was typed while connecting: it is meant for the chat.</summary>
    internal List<Key> TypedAhead { get; } = [];

    /// <summary>Connects under a name, asked for when it is empty. Null: the user gave up.</summary>
    internal async Task<ChatClient?> ConnectAsync(string name, JoinCode? code, CancellationToken cancelled)
    {
        string? next = name.Length > 0 ? name : await AskNameAsync(cancelled);
        while (next is not null)
        {
            try
            {
                return await UnlessInterruptedAsync(token => connect(next, code, token), cancelled);
            }
            catch (ChatException exception) when (exception.Reason is DisconnectReason.NameInUse or DisconnectReason.BadName)
            {
                Complain(exception.Message);
                next = await AskNameAsync(cancelled);
            }
            catch (ChatException exception) when (exception.NeedsJoinCode)
            {
                Complain(code is null ? "the server asks for a join code" : exception.Message);
                code = await AskCodeAsync(cancelled);
                if (code is null)
                {
                    return null;
                }
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

    private void Complain(string message)
    {
        display.Print($"? {EventLines.Continued(message)}", display.Painter.Bad);
        TypedAhead.Clear();
    }

    private Task<string?> AskNameAsync(CancellationToken cancelled) => AskAsync("Name: ", "Enter alone: the server gives you one.", cancelled);

    // Shown while it is typed, as it was when it was told; but it is in no history.
    private async Task<JoinCode?> AskCodeAsync(CancellationToken cancelled)
    {
        while (await AskAsync("Join code: ", "Who runs the server has it. Enter alone: leave.", cancelled) is { Length: > 0 } text)
        {
            try
            {
                return new JoinCode(text);
            }
            catch (ArgumentException)
            {
                Complain($"a join code has 1 to {JoinCode.MaxBytes} bytes of UTF-8");
            }
        }

        return null;
    }

    private async Task<string?> AskAsync(string question, string advice, CancellationToken cancelled)
    {
        _editor = new LineEditor(MaxNameBytes, (_, _) => Completion.None);
        var prompt = new StyledLine(new StyledRun(question, display.Painter.Bold));
        var hint = new StyledLine(new StyledRun(advice, display.Painter.Dim));
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
