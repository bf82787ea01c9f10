using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>A client's wish for a connection, which the harness grants, refuses or leaves waiting.</summary>
internal sealed class ConnectRequest(CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<ClientLink> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets whether the client still waits for the harness.</summary>
    internal bool IsPending => !_answer.Task.IsCompleted && !cancellationToken.IsCancellationRequested;

    internal ValueTask<ClientLink> Task => new(_answer.Task.WaitAsync(cancellationToken));

    internal void Grant(Wire wire)
    {
        _answer.SetResult(wire.ToClientLink());
        if (cancellationToken.IsCancellationRequested)
        {
            // Given up in the same moment: nobody takes it.
            wire.Stream.Dispose();
        }
    }

    internal void Refuse() => _answer.SetException(new IOException("connection refused by the harness"));
}
