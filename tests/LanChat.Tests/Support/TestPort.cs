using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LanChat.Tests.Support;

/// <summary>A port on the loopback of a test's own; what each caller gets is up to the test. Callers that break off are nothing special.</summary>
internal sealed class TestPort : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _callers;

    internal TestPort(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _serving = Task.Run(() => ServeAsync(serve));
    }

    internal IPEndPoint EndPoint { get; }

    internal int Callers => Volatile.Read(ref _callers);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var callers = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient caller = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _callers);
                callers.Add(ServeAsync(caller, serve));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(callers);
        }
    }

    private async Task ServeAsync(TcpClient caller, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (caller)
        {
            try
            {
                await serve(caller.GetStream(), _stop.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has gone, or the test is over.
            }
        }
    }
}
