using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>How many handshakes are computed at once, who is next, and that those who stall are in nobody's way. The test runs the turns.</summary>
public sealed class TlsTurnTests
{
    private readonly Queue<IThreadPoolWorkItem> _turns = new();
    private readonly MemoryServer _server;

    public TlsTurnTests() => _server = new MemoryServer(Callers.Patient with { MaxHandshakes = 2 }, runHandshake: _turns.Enqueue);

    [Fact]
    public void No_more_than_the_limit_compute_at_once_and_the_others_come_in_order()
    {
        MemoryCaller[] callers = [.. Enumerable.Range(0, 5).Select(_ => Begin())];
        Assert.Equal((2, 3), (_turns.Count, _server.Context.Handshakes.WaitingCount));

        // As one ends, the next begins; each gets its answer in its turn.
        for (int i = 0; i < callers.Length; i++)
        {
            Assert.Equal([.. Enumerable.Repeat(true, i), .. Enumerable.Repeat(false, 5 - i)], callers.Select(caller => caller.Client.FromServer.Written > 0));
            _turns.Dequeue().Execute();
            _server.Run();
            Assert.Equal(Math.Min(2, 4 - i), _turns.Count);
        }

        Assert.Equal(0, _server.Context.Handshakes.WaitingCount);
        Assert.True(_server.Context.Handshakes.WhenIdleAsync().IsCompleted);
    }

    [Fact]
    [HostileInput(6)]
    public void A_hundred_that_stall_keep_nobody_out()
    {
        for (int i = 0; i < 100; i++)
        {
            // Half of them stall inside their first record, half of them after it.
            MemoryCaller caller = Begin(bytes: i % 2 == 0 ? 100 : int.MaxValue);
            RunTurns();
            Assert.Equal(i % 2 != 0, caller.Client.FromServer.Written > 0);
        }

        MemoryCaller good = Begin();
        while (!good.Client.Tls!.IsOpen)
        {
            RunTurns();
            good.Client.ReadAll();
        }

        good.Say([.. WireFrame.Hello("ada"), .. WireFrame.Join("lobby")]);
        RunTurns();
        good.Frames().Only(FrameType.Joined);
        Assert.Equal(101, _server.Context.ConnectionCount);
        _server.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    [Fact]
    public void Who_waits_for_a_turn_waits_no_longer_than_its_deadline()
    {
        MemoryCaller[] callers = [.. Enumerable.Range(0, 4).Select(_ => Begin())];
        _server.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, _server.Context.ConnectionCount);
        Assert.Equal((2, 0), (_turns.Count, _server.Context.Handshakes.WaitingCount));

        // The turns that had begun find that nobody is there any more.
        RunTurns();
        Assert.All(callers, caller => Assert.Equal(0, caller.Client.FromServer.Written));
        Assert.True(_server.Context.Handshakes.WhenIdleAsync().IsCompleted);
    }

    [Fact]
    public void A_caller_that_leaves_while_it_is_computed_leaves_nothing()
    {
        MemoryCaller caller = Begin();
        caller.Client.Reset();
        _server.Run();
        Assert.Equal(0, _server.Context.ConnectionCount);
        RunTurns();
        Assert.True(_server.Context.Handshakes.WhenIdleAsync().IsCompleted);
    }

    [Fact]
    public async Task A_stop_waits_for_what_is_computed_and_for_nothing_else()
    {
        Begin();
        Begin();
        Begin();
        foreach (ServerLoop loop in _server.Host.Loops)
        {
            loop.Loop.Start();
        }

        Task stop = _server.Host.StopAsync(TimeSpan.FromSeconds(1));
        await Task.WhenAll(_server.Host.Loops.Select(loop => loop.Loop.Completion)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.False(stop.IsCompleted);
        while (_turns.TryDequeue(out IThreadPoolWorkItem? turn))
        {
            turn.Execute();
        }

        await stop.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(0, _server.Context.ConnectionCount);
    }

    private MemoryCaller Begin(int bytes = int.MaxValue)
    {
        MemoryCaller caller = _server.Connect();
        if (bytes != int.MaxValue)
        {
            caller.Client.ToServer.NextPiece = () =>
            {
                caller.Client.ToServer.IsStalled = true;
                return bytes;
            };
        }

        caller.Client.StartTls();
        _server.Run();
        return caller;
    }

    private void RunTurns()
    {
        while (_turns.TryDequeue(out IThreadPoolWorkItem? turn))
        {
            turn.Execute();
            _server.Run();
        }
    }
}
