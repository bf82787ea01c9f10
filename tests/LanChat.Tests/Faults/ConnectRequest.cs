using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>A client's wish for a connection, which the harness grants, refuses or leaves waiting.</summary>
internal sealed class ConnectRequest
{
    private readonly TaskCompletionSource<ClientLink> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Never disposed: its token is the client's, which ends with the attempt.
    internal ConnectRequest(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(static (state, token) => ((ConnectRequest)state!)._answer.TrySetCanceled(token), this);

    /// <summary>Gets whether the client still waits for the harness.</summary>
    internal bool IsPending => !_answer.Task.IsCompleted;

    internal ValueTask<ClientLink> Task => new(_answer.Task);

    /// <summary>Gives the client its connection; one that has given up in the same moment does not take it.</summary>
    internal void Grant(Wire wire)
    {
        if (!_answer.TrySetResult(wire.ToClientLink()))
        {
            wire.Stream.Dispose();
        }
    }

    internal void Refuse() => _answer.TrySetException(new IOException("connection refused by the harness"));
}
