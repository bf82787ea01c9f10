using System.Buffers;
using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>Who a connection is: its room, the publishers it hears, and in which pieces its bytes come to the parser.</summary>
internal sealed record CheckedMember(string Room, bool Receives, int[] Hears, int BytesAtOnce);

/// <summary>One connection whose every message is compared with the one that has to come next.</summary>
internal sealed class CheckedConnection : IDeliveries, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly CheckedMember _member;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Task _reading;

    // Guards the wire, and the four fields below, which the reading task writes.
    private readonly Lock _sync = new();
    private readonly Dictionary<int, int> _nextNumbers;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private int _bytes;

    internal CheckedConnection(Stream stream, Wire wire, CheckedMember member)
    {
        _stream = stream;
        Wire = wire;
        _member = member;
        _nextNumbers = member.Hears.ToDictionary(publisher => publisher, _ => 0);
        _reading = Task.Run(ReadAsync);
    }

    internal Wire Wire { get; }

    internal bool Receives => _member.Receives;

    /// <summary>Gets how many bytes have come from the end of the message before the newest to the end of the newest.</summary>
    internal int NewestBytes { get; private set; }

    public void Delivered(ReadOnlySpan<byte> payload)
    {
        int publisher = CheckPayload.Publisher(payload);
        if (!_nextNumbers.TryGetValue(publisher, out int next) || !payload.SequenceEqual(CheckPayload.Make(publisher, next)))
        {
            throw new InvalidDataException($"In room {_member.Room}, where message {next} of {publisher} belongs, came: {Ascii.Quote(payload)}");
        }

        _nextNumbers[publisher] = next + 1;
        NewestBytes = _bytes;
        _bytes = 0;
    }

    internal Task SayHelloAsync(CancellationToken cancellationToken) => SendAsync(Wire.WriteHello, cancellationToken);

    internal Task PublishAsync(int publisher, int number, CancellationToken cancellationToken) =>
        SendAsync(output => Wire.WriteMessage(output, CheckPayload.Make(publisher, number)), cancellationToken);

    internal Task WaitReadyAsync(CancellationToken cancellationToken) => WaitAsync(() => Wire.IsReady, cancellationToken);

    /// <summary>Waits until that many messages of each publisher have come.</summary>
    internal Task WaitAsync(int messages, CancellationToken cancellationToken) =>
        WaitAsync(() => _nextNumbers.Values.All(next => next >= messages), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        await _stream.DisposeAsync();
        _sending.Dispose();
        _end.Dispose();
    }

    private async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_sync)
            {
                if (_failure is not null)
                {
                    throw new IOException($"A connection in room {_member.Room} failed: {_failure.Message}", _failure);
                }

                if (condition())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task SendAsync(Action<ArrayBufferWriter<byte>> write, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            lock (_sync)
            {
                _output.ResetWrittenCount();
                write(_output);
            }

            await _stream.WriteAsync(_output.WrittenMemory, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        Exception? failure = null;
        byte[] buffer = new byte[64 * 1024];
        int held = 0;
        try
        {
            while (true)
            {
                int received = await _stream.ReadAsync(buffer.AsMemory(held), _end.Token);
                if (received == 0)
                {
                    throw new EndOfStreamException("the server has closed it.");
                }

                held = Take(buffer, held, received);
                if (Wire.PendingReply > 0)
                {
                    await SendAsync(Wire.WriteReply, _end.Token);
                }

                Change(null);
            }
        }
        catch (OperationCanceledException)
        {
            failure = new InvalidOperationException("it was closed.");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or SocketException)
        {
            failure = exception;
        }

        Change(failure);
    }

    /// <summary>Gives what came to the parser, piece by piece, each time with all it left. Returns how much it leaves in the end, at the front.</summary>
    private int Take(byte[] buffer, int held, int received)
    {
        lock (_sync)
        {
            int start = 0;
            for (int end = held; end < held + received;)
            {
                int piece = Math.Min(_member.BytesAtOnce, held + received - end);
                end += piece;
                _bytes += piece;
                start += Wire.Parse(buffer.AsSpan(start, end - start), this);
            }

            int left = held + received - start;
            buffer.AsSpan(start, left).CopyTo(buffer);
            return left;
        }
    }

    private void Change(Exception? failure)
    {
        TaskCompletionSource changed;
        lock (_sync)
        {
            _failure = failure;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
