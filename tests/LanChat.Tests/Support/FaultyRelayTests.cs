using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LanChat.Tests.Support;

/// <summary>The relay does what a test tells it to, and nothing else.</summary>
public sealed class FaultyRelayTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestPort _echo = new(static (stream, cancel) => stream.CopyToAsync(stream, cancel));
    private readonly FaultyRelay _relay;
    private readonly Socket _caller = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _heard = new byte[1000];

    public FaultyRelayTests() => _relay = new FaultyRelay(_echo.EndPoint);

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _relay.DisposeAsync();
        await _echo.DisposeAsync();
    }

    [Fact]
    public async Task What_is_said_passes_unchanged_and_both_ends_are_passed_on()
    {
        await ConnectAsync();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal([1, 2, 3], await AskAsync([1, 2, 3]));
        }

        _caller.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReceiveAsync());
        Until(() => _relay.Open.Length == 0);
        Assert.Equal(0, _relay.ForcedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_lets_the_first_part_of_a_piece_through_and_no_more(bool reset)
    {
        RelayedConnection connection = await ConnectAsync();
        Assert.Equal([1], await AskAsync([1]));
        Assert.True(connection.TryCut(RelayDirection.ToClient, reset, keep: 0.5));
        Assert.False(connection.TryCut(RelayDirection.ToClient, reset, keep: 0.5));
        Assert.Equal(1, _relay.DoomedCount);

        // A reset may overtake what came before it; an end does not.
        await _caller.SendAsync(new byte[] { 1, 2, 3, 4 });
        int received = 0;
        bool isBroken = false;
        try
        {
            for (int more = -1; more != 0; received += more)
            {
                more = await ReceiveAsync();
            }
        }
        catch (SocketException)
        {
            isBroken = true;
        }

        Assert.Equal(reset, isBroken);
        Assert.True(reset ? received <= 2 : received == 2, $"{received} of 4 bytes arrived.");
        Until(() => _relay.ForcedCount == 1);
        Assert.Empty(_relay.Open);
    }

    [Fact]
    public async Task Held_up_nothing_passes_and_nothing_ends_until_it_goes_on()
    {
        RelayedConnection connection = await ConnectAsync();
        Assert.Equal([1], await AskAsync([1]));
        Assert.True(connection.TryFreeze());
        Assert.False(connection.TryCut(RelayDirection.ToServer, reset: true, keep: 0));
        await _caller.SendAsync(new byte[] { 7 });
        Task<int> receiving = ReceiveAsync();
        Assert.False(receiving.IsCompleted);
        connection.Thaw();
        Assert.Equal(1, await receiving);
        Assert.Equal(7, _heard[0]);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_reset()
    {
        // Bound and not listening: nobody else gets the port.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var relay = new FaultyRelay((IPEndPoint)bound.LocalEndPoint!);

        // It may come before the connect has ended.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await _caller.ConnectAsync(relay.EndPoint, TestContext.Current.CancellationToken);
            await ReceiveAsync();
        });
    }

    private async Task<RelayedConnection> ConnectAsync()
    {
        await _caller.ConnectAsync(_relay.EndPoint);
        Until(() => _relay.Open.Length == 1);
        return _relay.Open[0];
    }

    private async Task<byte[]> AskAsync(byte[] question)
    {
        await _caller.SendAsync(question);
        int received = 0;
        while (received < question.Length)
        {
            received += await _caller.ReceiveAsync(_heard.AsMemory(received)).AsTask().WaitAsync(Patience);
        }

        return _heard[..received];
    }

    private Task<int> ReceiveAsync() => _caller.ReceiveAsync(_heard).WaitAsync(Patience);

    private static void Until(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience), "It did not come to that in time.");
}
