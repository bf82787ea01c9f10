using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Framing;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections.Client;

/// <summary>One link to a server, from HELLO to its end, and its three tasks: a read loop, a write loop, and the one that closes the link once the end has begun.</summary>
/// <remarks>What the bytes mean is not decided here (<see cref="ClientFrames"/>), nor what comes after the end (<see cref="ClientSession"/>, <see cref="ClientSupervisor"/>). It ends in one
/// place, <see cref="End"/>, and the first reason stays. When <see cref="Completion"/> is done there is no task, timer or socket left. Everything but the tasks is guarded by the client's
/// Gate.</remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Its own end releases them.")]
internal sealed class ClientConnection
{
    // PROTOCOL 1: BYE goes out within a second or the link is cut; then the other side has a second to close.
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientLink _link;
    private readonly ClientSession _session;
    private readonly ClientFrames _frames;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<bool> _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Whether the end is ours to say: BYE is in the output.
    private bool _saysGoodbye;

    // Set before the write loop starts, which waits for it when the link breaks.
    private Task _reading = Task.CompletedTask;
    private ClientDatagrams? _datagrams;

    internal ClientConnection(ClientSession session, ServerCheck check, ClientLink link, ILogger logger)
    {
        _session = session;
        _link = link;
        _logger = logger;
        Check = check;
        Proofs = session.OfferProofs(check);
        Output = new ClientOutput(session.Flow);
        Heartbeat = new ClientHeartbeat(this, session.Flow, session.Jitter);
        _frames = new ClientFrames(this, session);
    }

    /// <summary>Gets who must answer, and who did.</summary>
    internal ServerCheck Check { get; }

    /// <summary>Gets what this connection proves to the server, and the server to it.</summary>
    internal ClientProofs Proofs { get; }

    internal ClientOutput Output { get; }

    internal ClientHeartbeat Heartbeat { get; }

    internal int MaxFrameBytes { get; private set; } = FrameLimits.HandshakeMaxFrameBytes;

    internal bool IsWelcomed { get; private set; }

    /// <summary>Gets whether the end has begun: nothing more is written, but outcomes may still come.</summary>
    internal bool IsEnding { get; private set; }

    /// <summary>Gets whether nothing that comes is acted on any more.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Gets why it ended.</summary>
    internal DisconnectReason Reason { get; private set; }

    internal string EndText { get; private set; } = "";

    /// <summary>Gets a task that says whether the server welcomed us, as soon as it did or will not any more.</summary>
    internal Task<bool> Welcomed => _welcomed.Task;

    /// <summary>Gets a task that completes when everything is over and released. It never fails.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Says HELLO and begins to read and write; or ends at once, if the session is over already.</summary>
    internal void Start()
    {
        lock (_session.Flow.Gate)
        {
            if (_session.TryBegin(this))
            {
                _session.WriteHello(this);
                Output.Flush();
            }
            else
            {
                End(DisconnectReason.Aborted, "not wanted any more", saysGoodbye: false);
            }
        }

        Completion = RunAsync();
    }

    /// <summary>The server said welcome. Caller holds the Gate.</summary>
    internal void OnWelcomed(int maxFrameBytes, TimeSpan heartbeat)
    {
        IsWelcomed = true;
        MaxFrameBytes = maxFrameBytes;
        Heartbeat.Begin(heartbeat);
        _welcomed.SetResult(true);
    }

    /// <summary>Takes what WELCOME says of the server's UDP twin; null where there is none. Only inside TLS: elsewhere anybody could read the secret. Caller holds the Gate.</summary>
    internal ClientDatagrams? OpenDatagrams(in WelcomeFrame welcome) =>
        _datagrams = welcome.UdpPort != 0 && Check.ProvedId is not null && _link.Server is not null
            ? new ClientDatagrams(_session.Flow, _session.Sends, this, _link, _logger, in welcome)
            : null;

    /// <summary>Says goodbye. What the server still sends is taken, until it ends the connection or has had its time. Caller holds the Gate.</summary>
    internal void SayGoodbye(DisconnectReason reason, string text) => BeginEnd(reason, text, saysGoodbye: true);

    /// <summary>Ends the connection: the one place, whatever the cause. The first reason stays.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="text">The same in words, safe to print.</param>
    /// <param name="saysGoodbye">Whether the server is to be told: it does not know yet, and may be able to hear it.</param>
    internal void End(DisconnectReason reason, string text, bool saysGoodbye)
    {
        lock (_session.Flow.Gate)
        {
            if (IsOver)
            {
                return;
            }

            IsOver = true;
            _datagrams?.Close();
            BeginEnd(reason, text, saysGoodbye);
            _session.OnConnectionOver(this);
            _welcomed.TrySetResult(false);
        }
    }

    private void BeginEnd(DisconnectReason reason, string text, bool saysGoodbye)
    {
        if (IsEnding)
        {
            return;
        }

        IsEnding = true;
        Reason = reason;
        EndText = text;
        _saysGoodbye = saysGoodbye;
        if (saysGoodbye)
        {
            new ByeFrame { Code = (ushort)reason, Text = Encoding.UTF8.GetBytes(text) }.WriteTo(Output.Writer);
        }

        Output.Complete();
        _session.Flow.Drain();
        _ending.SetResult();
    }

    private async Task RunAsync()
    {
        _reading = Task.Run(ReadLoopAsync);
        Task writing = Task.Run(WriteLoopAsync);
        await _ending.Task.ConfigureAwait(false);

        // 1. Our BYE goes out; 2. our direction ends; 3. the server ends its own, so that no reset destroys what we said.
        if (_saysGoodbye && await EndsInTimeAsync(writing).ConfigureAwait(false) && _link.TryShutdownSend())
        {
            await EndsInTimeAsync(_reading).ConfigureAwait(false);
        }

        // 4. Both loops end, whatever they wait for.
        await _abort.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        await _reading.ConfigureAwait(false);

        // 5. After a goodbye that nobody answered, what was open still needs its end.
        End(DisconnectReason.Goodbye, "goodbye", saysGoodbye: false);
        await Heartbeat.DisposeAsync().ConfigureAwait(false);
        if (_datagrams is not null)
        {
            await _datagrams.DisposeAsync().ConfigureAwait(false);
        }

        await _link.DisposeAsync().ConfigureAwait(false);
        _abort.Dispose();
        if (_frames.Violation is { } violation)
        {
            Log.ServerViolation(_logger, Check.Where, violation);
        }
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
                    if (IsWelcomed)
                    {
                        Log.ReadingPaused(_logger, Check.Where);
                    }

                    await pause.ConfigureAwait(false);
                }

                LogLosses();
                if (result.IsCompleted)
                {
                    string how = rest.IsEmpty ? "the server ended the connection without a goodbye" : "the connection ended inside a frame";
                    End(DisconnectReason.ConnectionReset, how, saysGoodbye: false);
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
            await Output.WriteAllAsync(_link.Stream, OnOutputTaken, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The server's BYE may be here already and says why; the read loop comes to it, or to the same break.
            await EndsInTimeAsync(_reading).ConfigureAwait(false);
            EndBroken(exception);
        }
    }

    private void OnOutputTaken()
    {
        if (!IsEnding)
        {
            _session.Sends.AdmitWaiting();
        }
    }

    /// <summary>Waits for a loop to end by itself, as long as it may take. Loops do not fail: their errors are the connection's end.</summary>
    private async Task<bool> EndsInTimeAsync(Task loop)
    {
        // A timer of our own, gone before this returns: the one inside WaitAsync goes a moment after, and Completion promises that none is left.
        using var timeout = new CancellationTokenSource(FarewellTimeout, _session.Flow.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _session.Hurried);
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
            // Whatever it was, nobody may be left waiting for an outcome.
            End(DisconnectReason.Aborted, exception.Message, saysGoodbye: false);
            Log.ClientDefect(_logger, exception, Check.Where);
            return;
        }

        End(DisconnectReason.ConnectionReset, $"the connection broke: {exception.Message}", saysGoodbye: false);
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
