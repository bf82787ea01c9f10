using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections.Client;

/// <summary>One link to a server and its three tasks: a read loop, a write loop, and the one that closes the link once the end has begun.</summary>
/// <remarks>What the bytes mean is not decided here (<see cref="ClientFrames"/>), nor why it ends (<see cref="ClientSession.End"/>). When
/// <see cref="Completion"/> is done there is no task, timer or socket left.</remarks>
internal sealed class ClientConnection : IAsyncDisposable
{
    // PROTOCOL 1: BYE goes out within a second or the link is cut; then the other side has a second to close.
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(1);

    private readonly string _where;
    private readonly ClientLink _link;
    private readonly ClientSession _session;
    private readonly ClientFrames _frames;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abort = new();

    // Never disposed: stopping may be hurried at any time, also when all is over. It has no timer and no handle to release.
    private readonly CancellationTokenSource _hurry = new();

    // Set before the write loop starts, which waits for it when the link breaks.
    private Task _reading = Task.CompletedTask;

    internal ClientConnection(string where, ClientLink link, ClientSession session, ILogger logger)
    {
        _where = where;
        _link = link;
        _session = session;
        _frames = new ClientFrames(session);
        _logger = logger;
    }

    /// <summary>Gets a task that gives the reason when everything is over and released. It never fails.</summary>
    internal Task<DisconnectReason> Completion { get; private set; } = Task.FromResult(DisconnectReason.Aborted);

    /// <summary>Says HELLO and begins to read and write.</summary>
    internal void Start()
    {
        _session.SayHello();
        Completion = RunAsync();
    }

    /// <summary>Says goodbye and waits until everything is released; when cancelled, waits for nobody's answer any more.</summary>
    internal async ValueTask StopAsync(CancellationToken cancellationToken)
    {
        _session.Stop();
        using (cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _hurry))
        {
            await Completion.ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    private async Task<DisconnectReason> RunAsync()
    {
        _reading = Task.Run(ReadLoopAsync);
        Task writing = Task.Run(WriteLoopAsync);
        await _session.Ending.ConfigureAwait(false);

        // 1. Our BYE goes out; 2. our direction ends; 3. the server ends its own, so that no reset destroys what we said.
        if (_session.SaysGoodbye && await EndsInTimeAsync(writing).ConfigureAwait(false) && TryShutdownSend())
        {
            await EndsInTimeAsync(_reading).ConfigureAwait(false);
        }

        // 4. Both loops end, whatever they wait for.
        await _abort.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        await _reading.ConfigureAwait(false);

        // 5. After a goodbye that nobody answered, what was open still needs its end.
        _session.End(DisconnectReason.Goodbye, "goodbye", saysGoodbye: false);
        await _session.Heartbeat.DisposeAsync().ConfigureAwait(false);
        await DisposeLinkAsync().ConfigureAwait(false);
        _abort.Dispose();
        if (_frames.Violation is { } violation)
        {
            Log.ServerViolation(_logger, _where, violation);
        }

        Log.ClientEnded(_logger, _where, _session.Reason, _session.EndText);
        return _session.Reason;
    }

    private async Task ReadLoopAsync()
    {
        PipeReader input = PipeReader.Create(_link.Stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(_abort.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = result.Buffer;
                while (_frames.Act(ref rest) is { } pause)
                {
                    Log.ReadingPaused(_logger, _where);
                    await pause.ConfigureAwait(false);
                }

                LogLosses();
                if (result.IsCompleted)
                {
                    string how = rest.IsEmpty ? "the server ended the connection without a goodbye" : "the connection ended inside a frame";
                    _session.End(DisconnectReason.ConnectionReset, how, saysGoodbye: false);
                    return;
                }

                input.AdvanceTo(rest.Start, rest.End);
            }
        }
        catch (Exception exception)
        {
            EndBroken(exception);
        }
        finally
        {
            await input.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteLoopAsync()
    {
        try
        {
            await _session.Output.WriteAllAsync(_link.Stream, _session.Sends.AdmitWaiting, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The server's BYE may be here already and says why; the read loop comes to it, or to the same break.
            await EndsInTimeAsync(_reading).ConfigureAwait(false);
            EndBroken(exception);
        }
    }

    /// <summary>Waits for a loop to end by itself, as long as it may take. Loops do not fail: their errors are the session's end.</summary>
    private async Task<bool> EndsInTimeAsync(Task loop)
    {
        // A timer of our own, gone before this returns: the one inside WaitAsync goes a moment after, and Completion promises that none is left.
        using var timeout = new CancellationTokenSource(FarewellTimeout, _session.Flow.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _hurry.Token);
        try
        {
            await loop.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void EndBroken(Exception exception)
    {
        if (exception is not (IOException or SocketException or ObjectDisposedException or OperationCanceledException))
        {
            // Whatever it was, nobody may be left waiting for an outcome; so the log, which is the app's, comes second.
            _session.End(DisconnectReason.Aborted, exception.Message, saysGoodbye: false);
            Log.ClientDefect(_logger, exception, _where);
            return;
        }

        _session.End(DisconnectReason.ConnectionReset, $"the connection broke: {exception.Message}", saysGoodbye: false);
    }

    private bool TryShutdownSend()
    {
        try
        {
            _link.ShutdownSend();
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The other side was faster; there is nobody left to wait for.
            return false;
        }
    }

    private async Task DisposeLinkAsync()
    {
        try
        {
            await _link.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A stream may fail to flush what nobody will read any more. Its socket is released all the same.
        }
    }

    private void LogLosses()
    {
        string? loser;
        lock (_session.Flow.Gate)
        {
            loser = _session.Flow.TakeLoser();
        }

        if (loser is not null)
        {
            Log.ReaderLoses(_logger, loser);
        }
    }
}
