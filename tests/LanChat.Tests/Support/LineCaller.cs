using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LanChat.Tests.Support;

/// <summary>A caller by lines of text over TCP, as with netcat. Every wait has a deadline.</summary>
internal sealed class LineCaller : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TcpClient _link;
    private readonly StreamReader _reader;
    private readonly List<string> _heard = [];

    private LineCaller(TcpClient link)
    {
        _link = link;
        _reader = new StreamReader(link.GetStream(), Encoding.UTF8);
    }

    internal static async Task<LineCaller> ConnectAsync(int port)
    {
        var link = new TcpClient(AddressFamily.InterNetwork);
        await link.ConnectAsync(IPAddress.Loopback, port);
        return new LineCaller(link);
    }

    internal async Task SayAsync(string line) => await _link.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Ends its own direction, as <c>printf | nc -N</c> does.</summary>
    internal void EndInput() => _link.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Takes the next line; null at the end of what the server says.</summary>
    internal async Task<string?> NextLineAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            string? line = await _reader.ReadLineAsync(deadline.Token);
            _heard.Add(line ?? "(end)");
            return line;
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"Nothing came for {Deadline.TotalSeconds} s. Heard:\n{string.Join('\n', _heard)}");
        }
    }

    /// <summary>Takes lines until one ends as wanted, and returns that one.</summary>
    internal async Task<string> LineEndingAsync(string end)
    {
        while (await NextLineAsync() is { } line)
        {
            if (line.EndsWith(end, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"Expected '…{end}', but the server ended. Heard:\n{string.Join('\n', _heard)}");
    }

    /// <summary>Takes all lines up to the end.</summary>
    internal async Task<List<string>> RestAsync()
    {
        List<string> rest = [];
        while (await NextLineAsync() is { } line)
        {
            rest.Add(line);
        }

        return rest;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _link.Dispose();
        return ValueTask.CompletedTask;
    }
}
