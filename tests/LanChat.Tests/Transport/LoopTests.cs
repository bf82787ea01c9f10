using LanChat.Tests.Support;
using LanChat.Transport;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Transport;

public sealed class LoopTests
{
    [Fact]
    public async Task Posted_work_runs_in_order_in_one_iteration()
    {
        await using var stepped = new SteppedLoop();
        var ran = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(stepped.Loop.Post(ran.Add, i));
        }

        Assert.True(stepped.Loop.RunOnce(block: false));
        Assert.Equal([0, 1, 2, 3, 4], ran);
        Assert.False(stepped.Loop.RunOnce(block: false));
    }

    [Fact]
    public async Task Work_posted_by_posted_work_waits_for_the_next_iteration()
    {
        await using var stepped = new SteppedLoop();
        var ran = new List<int>();
        stepped.Loop.Post(
            loop =>
            {
                ran.Add(1);
                loop.Post(ran.Add, 2);
            },
            stepped.Loop);
        stepped.Loop.RunOnce(block: false);
        Assert.Equal([1], ran);
        stepped.Loop.RunOnce(block: false);
        Assert.Equal([1, 2], ran);
    }

    [Fact]
    public async Task An_iteration_goes_posted_work_then_deadlines_then_links_then_the_round_then_closing()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        (EchoConnection connection, MemoryClient client) = stepped.Connect(calls);
        calls.Clear();
        connection.Received = static connection => connection.Loop.Mark(new NamedSource("source", connection.Calls!));
        connection.Flushing = static connection => connection.Loop.Close(connection, reset: false);
        stepped.Loop.Schedule(connection, stepped.Time.GetTimestamp() + 1);
        stepped.Time.Advance(TimeSpan.FromSeconds(1));
        client.Write([0]);
        stepped.Loop.Post(calls.Add, "posted");
        stepped.Loop.RunOnce(block: false);
        Assert.Equal(["posted", "deadline", "received 1", "source after batch", "source collect", "flush", "closed"], calls);
    }

    [Fact]
    public async Task A_source_marked_inside_and_outside_collects_once()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        var source = new NamedSource("a", calls);
        stepped.Loop.Post(
            loop =>
            {
                loop.Mark(source);
                loop.Mark(source);
            },
            stepped.Loop);
        stepped.Loop.MarkFromOutside(source);
        stepped.Loop.MarkFromOutside(source);
        stepped.RunUntilQuiet();
        Assert.Equal(["a after batch", "a collect"], calls);
    }

    [Fact]
    public async Task A_source_marked_from_outside_only_has_no_after_batch()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        stepped.Loop.MarkFromOutside(new NamedSource("a", calls));
        stepped.Loop.MarkFromOutside(new NamedSource("b", calls));
        stepped.RunUntilQuiet();
        Assert.Equal(["a collect", "b collect"], calls);
    }

    [Fact]
    public async Task A_source_marked_while_it_collects_collects_in_the_next_round()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        var source = new NamedSource("a", calls);
        source.Collecting = () =>
        {
            source.Collecting = null;
            stepped.Loop.MarkFromOutside(source);
            stepped.Loop.Mark(source);
        };
        stepped.Loop.MarkFromOutside(source);
        Assert.True(stepped.Loop.RunOnce(block: false));
        Assert.Equal(["a collect"], calls);
        stepped.RunUntilQuiet();
        Assert.Equal(["a collect", "a after batch", "a collect"], calls);
    }

    [Fact]
    public async Task A_connection_queued_during_its_flush_flushes_in_the_next_round()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        (EchoConnection connection, _) = stepped.Connect(calls);
        connection.Flushing = static connection =>
        {
            connection.Flushing = null;
            connection.Loop.Queue(connection);
        };
        stepped.Loop.Queue(connection);
        stepped.Loop.Queue(connection);
        stepped.Loop.RunOnce(block: false);
        Assert.Equal(["added", "flush"], calls);
        stepped.RunUntilQuiet();
        Assert.Equal(["added", "flush", "flush"], calls);
    }

    [Theory]
    [InlineData("received")]
    [InlineData("flush")]
    [InlineData("deadline")]
    public async Task A_connection_may_close_itself_or_another_inside_any_call(string where)
    {
        foreach (bool itself in new[] { true, false })
        {
            await using var stepped = new SteppedLoop();
            var calls = new List<string>();
            (EchoConnection first, MemoryClient firstClient) = stepped.Connect();
            (EchoConnection second, MemoryClient secondClient) = stepped.Connect(calls);
            EchoConnection victim = itself ? first : second;
            Action<EchoConnection> close = _ => stepped.Loop.Close(victim, reset: true);
            (first.Received, first.Flushing, first.Deadline) = where switch
            {
                "received" => (close, null, null),
                "flush" => (null, close, null),
                _ => ((Action<EchoConnection>?)null, (Action<EchoConnection>?)null, close),
            };
            calls.Clear();
            stepped.Loop.Schedule(first, stepped.Time.GetTimestamp());
            stepped.Loop.Schedule(second, stepped.Time.GetTimestamp() + 1);
            stepped.Time.Advance(TimeSpan.FromSeconds(1));
            firstClient.Write(SteppedLoop.Frames(1));
            secondClient.Write(SteppedLoop.Frames(1));
            stepped.RunUntilQuiet();

            Assert.Equal(1, victim.ClosedCount);
            Assert.True(((MemoryLink)victim.Link).WasReset);
            Assert.Equal(1, stepped.Loop.ConnectionCount);
            if (!itself)
            {
                // After it was closed nothing was called but the last.
                Assert.Equal(
                    where switch { "received" => ["deadline", "closed"], "flush" => ["deadline", "received 2", "closed"], _ => ["closed"] },
                    calls);
            }
        }
    }

    [Theory]
    [InlineData("received")]
    [InlineData("flush")]
    [InlineData("deadline")]
    [InlineData("ended")]
    [InlineData("closed")]
    public async Task A_connection_that_throws_is_reset_alone_and_logged(string where)
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection bad, MemoryClient badClient) = stepped.Connect();
        (EchoConnection _, MemoryClient goodClient) = stepped.Connect();
        Action<EchoConnection> fail = static _ => throw new InvalidOperationException("boom");
        bad.Received = where == "received" ? fail : null;
        bad.Flushing = where == "flush" ? fail : null;
        bad.Deadline = where == "deadline" ? fail : null;
        bad.LinkEnded = where == "ended" ? fail : null;
        bad.Closed = where == "closed" ? fail : null;
        stepped.Loop.Schedule(bad, 0);
        badClient.Write(SteppedLoop.Frames(1));
        goodClient.Write(SteppedLoop.Frames(1));
        stepped.RunUntilQuiet();
        badClient.End();
        stepped.RunUntilQuiet();
        Assert.Equal(1, bad.ClosedCount);
        Assert.Equal(where != "closed", ((MemoryLink)bad.Link).WasReset);
        Assert.Equal(SteppedLoop.Frames(1), goodClient.ReadAll());
        Assert.Equal(1, stepped.Loop.ConnectionCount);
        (LogLevel level, string text, Exception? exception) = Assert.Single(stepped.Logger.Lines);
        Assert.Equal((LogLevel.Error, "boom"), (level, exception?.Message));
        Assert.Contains("127.0.0.1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_and_sources_that_throw_are_logged_and_the_rest_goes_on()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        stepped.Loop.Post<object?>(static _ => throw new InvalidOperationException("work"), null);
        stepped.Loop.Post(calls.Add, "after");
        stepped.Loop.MarkFromOutside(new NamedSource("bad", calls) { Collecting = static () => throw new InvalidOperationException("source") });
        stepped.Loop.MarkFromOutside(new NamedSource("good", calls));
        stepped.RunUntilQuiet();
        Assert.Equal(["after", "bad collect", "good collect"], calls);
        Assert.Equal(["work", "source"], stepped.Logger.Lines.Select(line => line.Exception!.Message));
    }

    [Fact]
    public async Task A_stopped_loop_has_run_what_it_accepted_and_closed_everything()
    {
        var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        (MemoryLink late, _) = stepped.Network.Connect();
        var added = new EchoConnection(late);
        var ran = new List<int>();
        stepped.Loop.Post(ran.Add, 1);
        stepped.Loop.Add(added);
        await stepped.Loop.StopAsync();
        Assert.Equal([1], ran);
        Assert.Equal((1, 1), (connection.ClosedCount, added.ClosedCount));
        client.ReadAll();
        Assert.Equal(LinkStatus.Ended, client.Status);
        Assert.True(stepped.Poller.IsDisposed);
        Assert.Equal(0, stepped.Time.TimerCount);

        Assert.False(stepped.Loop.Post(ran.Add, 2));
        Assert.False(stepped.Loop.Add(new EchoConnection(late)));
        stepped.Loop.MarkFromOutside(new NamedSource("late", []));
        Assert.False(stepped.Loop.RunOnce(block: false));
        await stepped.Loop.DisposeAsync();
        Assert.Equal([1], ran);
    }

    [Fact]
    public void What_one_source_brings_to_another_while_it_collects_is_told_to_others_too()
    {
        var stepped = new SteppedLoop();
        var calls = new List<string>();
        var first = new NamedSource("first", calls);
        var second = new NamedSource("second", calls);
        first.Collecting = () => stepped.Loop.Mark(second);
        stepped.Loop.Mark(first);
        stepped.Loop.Mark(second);
        stepped.Loop.RunOnce(block: false);
        stepped.Loop.RunOnce(block: false);
        Assert.Equal(["first after batch", "second after batch", "first collect", "second collect", "second after batch", "second collect"], calls);
    }

    private sealed class NamedSource(string name, List<string> calls) : RoundSource
    {
        internal Action? Collecting { get; set; }

        internal override void AfterBatch() => calls.Add(name + " after batch");

        internal override void CollectRound()
        {
            calls.Add(name + " collect");
            Collecting?.Invoke();
        }
    }
}
