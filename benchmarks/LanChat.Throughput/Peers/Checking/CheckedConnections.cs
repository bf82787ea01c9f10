using System.Net;
using System.Net.Sockets;

namespace LanChat.Throughput;

/// <summary>The connections of one check.</summary>
internal sealed class CheckedConnections : IAsyncDisposable
{
    private readonly List<CheckedConnection> _all = [];

    internal IEnumerable<CheckedConnection> Receivers => _all.Where(connection => connection.Receives);

    internal async Task<CheckedConnection> OpenAsync(Contestant contestant, int port, CheckedMember member, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var plain = new NetworkStream(socket, ownsSocket: true);
        Stream stream = contestant.IsTls ? await PeerTls.BeginAsync(contestant, plain, cancellationToken) : plain;
        var connection = new CheckedConnection(stream, contestant.NewWire(member.Room, member.Receives), member);
        _all.Add(connection);
        await connection.SayHelloAsync(cancellationToken);
        return connection;
    }

    internal Task WaitReadyAsync(CancellationToken cancellationToken) => Task.WhenAll(_all.Select(connection => connection.WaitReadyAsync(cancellationToken)));

    /// <summary>Waits until each that receives has so many messages of everybody it hears.</summary>
    internal Task WaitAsync(int messages, CancellationToken cancellationToken) =>
        Task.WhenAll(Receivers.Select(connection => connection.WaitAsync(messages, cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (CheckedConnection connection in _all)
        {
            await connection.DisposeAsync();
        }
    }
}
