using System.Net;
using System.Net.Sockets;

namespace LanChat.Tests.Support;

/// <summary>A wire of TCP between clients and a server, on loopback: each connection that passes through it can be cut, reset or held up (<see cref="RelayedConnection"/>).</summary>
/// <remarks>It knows nothing of frames or TLS. A server that is not there is a connection reset at once, as a closed port is.</remarks>
internal sealed class FaultyRelay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly Task _accepting;

    // Under itself.
    private readonly List<RelayedConnection> _open = [];
    private readonly HashSet<Task> _serving = [];
    private int _forced;

    internal FaultyRelay(IPEndPoint target)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Gets where clients connect.</summary>
    internal IPEndPoint EndPoint { get; }

    /// <summary>Gets the connections that pass through now.</summary>
    internal RelayedConnection[] Open
    {
        get
        {
            lock (_open)
            {
                return [.. _open];
            }
        }
    }

    /// <summary>Gets how many connections that are over were ended or held up by the test.</summary>
    internal int ForcedCount
    {
        get
        {
            lock (_open)
            {
                return _forced;
            }
        }
    }

    /// <summary>Gets how many connections that are open are held up, or end at the next piece that passes.</summary>
    internal int DoomedCount => Open.Count(connection => connection.IsDoomed);

    /// <summary>Ends one connection that passes through now and was not meant to end yet; false when there is none.</summary>
    /// <param name="random">Chooses which, and how: inside what is on its way, in either direction, by a reset or by an end.</param>
    internal bool CutOne(Random random)
    {
        RelayedConnection[] open = Open;
        int first = open.Length == 0 ? 0 : random.Next(open.Length);
        for (int i = 0; i < open.Length; i++)
        {
            RelayedConnection connection = open[(first + i) % open.Length];
            if (connection.TryCut((RelayDirection)random.Next(2), reset: random.Next(2) == 0, keep: random.NextDouble()))
            {
                return true;
            }
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        foreach (RelayedConnection connection in Open)
        {
            connection.Reset();
        }

        Task[] rest;
        lock (_open)
        {
            rest = [.. _serving];
        }

        await Task.WhenAll(rest);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket caller = await _listener.AcceptAsync(_stop.Token);
                Task serving = ServeAsync(caller);
                lock (_open)
                {
                    _serving.RemoveWhere(static task => task.IsCompleted);
                    _serving.Add(serving);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var connection = new RelayedConnection(caller, target);
        try
        {
            await target.ConnectAsync(_target, _stop.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            connection.Reset();
            return;
        }

        lock (_open)
        {
            _open.Add(connection);
        }

        if (_stop.IsCancellationRequested)
        {
            connection.Reset();
        }

        await connection.RunAsync();
        lock (_open)
        {
            _open.Remove(connection);
            _forced += connection.WasForced ? 1 : 0;
        }
    }
}
