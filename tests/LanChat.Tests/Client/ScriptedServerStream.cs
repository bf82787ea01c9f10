using System.IO.Pipelines;
using LanChat.Tests.Support;

namespace LanChat.Tests.Client;

/// <summary>What the server's TLS reads from and writes to. A write arrives before it returns.</summary>
internal sealed class ScriptedServerStream(PipeReader input, Action<ReadOnlySpan<byte>> transmit) : AsyncStream
{
    private readonly Stream _input = input.AsStream();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => transmit(buffer);

    public override void Write(byte[] buffer, int offset, int count) => transmit(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        transmit(buffer.Span);
        return default;
    }
}
