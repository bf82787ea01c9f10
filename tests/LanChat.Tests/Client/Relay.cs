using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using LanChat.Tests.Support;

namespace LanChat.Tests.Client;

/// <summary>Somebody in between: ends the client's TLS with a key of its own and passes on, over TLS again, what it hears.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly ServerIdentity _identity = ServerIdentity.Create();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _target;
    private readonly TestPort _port;
    private int _bytesHeard;

    internal Relay(IPEndPoint target)
    {
        _target = target;
        _port = new TestPort(ServeAsync);
    }

    internal ServerId Id => _identity.Id;

    internal ServerAddress Address => new(_port.EndPoint.Address.ToString(), _port.EndPoint.Port);

    /// <summary>Changes what the server says, as it comes in; null: nothing is changed.</summary>
    internal Action<Memory<byte>>? Forge { get; init; }

    internal int Callers => _port.Callers;

    internal int BytesHeard => Volatile.Read(ref _bytesHeard);

    /// <summary>Completes when a client has gone.</summary>
    internal Task Left => _left.Task;

    public async ValueTask DisposeAsync()
    {
        await _port.DisposeAsync();
        _identity.Dispose();
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await using SslStream caller = await TlsServer.AuthenticateAsync(stream, _identity, SslProtocols.None, "lanchat/1", cancellationToken);
            byte[] bytes = new byte[4096];
            int read = await caller.ReadAsync(bytes, cancellationToken);
            Interlocked.Add(ref _bytesHeard, read);
            if (read == 0)
            {
                return;
            }

            using var target = new TcpClient();
            await target.ConnectAsync(_target, cancellationToken);
            await using var server = new SslStream(target.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
            await server.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "relay", ApplicationProtocols = [new SslApplicationProtocol("lanchat/1")] }, cancellationToken);
            await server.WriteAsync(bytes.AsMemory(0, read), cancellationToken);
            await Task.WhenAny(caller.CopyToAsync(server, cancellationToken), PassOnAsync(server, caller, cancellationToken));
        }
        finally
        {
            _left.TrySetResult();
        }
    }

    private async Task PassOnAsync(SslStream server, SslStream caller, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[16 * 1024];
        int read;
        while ((read = await server.ReadAsync(bytes, cancellationToken)) > 0)
        {
            Forge?.Invoke(bytes.AsMemory(0, read));
            await caller.WriteAsync(bytes.AsMemory(0, read), cancellationToken);
        }
    }
}
