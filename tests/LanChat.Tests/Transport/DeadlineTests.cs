using FsCheck;
using FsCheck.Fluent;
using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

public sealed class DeadlineTests
{
    [Fact]
    public async Task Deadlines_come_in_due_order_at_most_once_per_schedule()
    {
        await using var stepped = new SteppedLoop();
        var due = new List<(int Id, double Seconds)>();
        long start = stepped.Time.GetTimestamp();
        int[] seconds = [5, 1, 3, 2, 4];
        for (int i = 0; i < seconds.Length; i++)
        {
            int id = i;
            (EchoConnection connection, _) = stepped.Connect();
            connection.Deadline = _ => due.Add((id, TimeSpan.FromTicks(stepped.Loop.Timestamp - start).TotalSeconds));
            stepped.Loop.Schedule(connection, start + TimeSpan.FromSeconds(seconds[i]).Ticks);
        }

        for (int i = 0; i < 10; i++)
        {
            stepped.Time.Advance(TimeSpan.FromSeconds(1));
            stepped.RunUntilQuiet();
        }

        Assert.Equal([(1, 1), (3, 2), (2, 3), (4, 4), (0, 5)], due);
    }

    [Fact]
    public async Task The_earliest_schedule_wins()
    {
        await using var stepped = new SteppedLoop();
        var calls = new List<string>();
        (EchoConnection connection, _) = stepped.Connect(calls);
        long start = stepped.Time.GetTimestamp();
        stepped.Loop.Schedule(connection, start + TimeSpan.FromSeconds(5).Ticks);
        stepped.Loop.Schedule(connection, start + TimeSpan.FromSeconds(2).Ticks);
        stepped.Loop.Schedule(connection, start + TimeSpan.FromSeconds(9).Ticks);
        stepped.Time.Advance(TimeSpan.FromSeconds(2));
        stepped.RunUntilQuiet();
        Assert.Equal(["added", "deadline"], calls);
        stepped.Time.Advance(TimeSpan.FromSeconds(20));
        stepped.RunUntilQuiet();
        Assert.Equal(["added", "deadline"], calls);
    }

    [Fact]
    public async Task A_deadline_in_the_past_scheduled_again_and_again_does_not_hold_up_the_loop()
    {
        await using var stepped = new SteppedLoop();
        (EchoConnection connection, MemoryClient client) = stepped.Connect();
        connection.Deadline = static connection => connection.Loop.Schedule(connection, 0);
        stepped.Loop.Schedule(connection, 0);
        client.Write(SteppedLoop.Frames(1));
        stepped.Loop.RunOnce(block: false);
        Assert.Equal(SteppedLoop.Frames(1), client.ReadAll());
    }

    [Fact]
    public async Task A_sleeping_loop_is_woken_by_its_timer_without_a_tick()
    {
        var stepped = new SteppedLoop();
        stepped.Loop.Start();
        (MemoryLink link, _) = stepped.Network.Connect();
        var connection = new EchoConnection(link);
        var due = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Deadline = connection => due.SetResult(connection.Loop.Timestamp);
        long at = stepped.Time.GetTimestamp() + TimeSpan.FromSeconds(3).Ticks;
        stepped.Loop.Add(connection);
        stepped.Loop.Post(static work => work.connection.Loop.Schedule(work.connection, work.at), (connection, at));
        // Whether the loop sets its timer before or after a step of the time, the deadline comes: steps go on until it has.
        while (!due.Task.IsCompleted)
        {
            stepped.Time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        Assert.True(await due.Task >= at);
        await stepped.DisposeAsync();
        Assert.Equal(0, stepped.Time.TimerCount);
    }

    [Fact]
    public void The_heap_agrees_with_a_sorted_list()
    {
        // An operation: connection 0-7, and a due time, or -1 to remove.
        Gen<(int Id, int Due)> operation = from id in Gen.Choose(0, 7) from due in Gen.Choose(-1, 20) select (id, due);
        Prop.ForAll(operation.ListOf().ToArbitrary(), operations =>
        {
            var heap = new DeadlineHeap();
            var model = new Dictionary<int, int>();
            EchoConnection[] connections = [.. Enumerable.Range(0, 8).Select(_ => new EchoConnection(null!))];
            foreach ((int id, int due) in operations)
            {
                if (due < 0)
                {
                    heap.Remove(connections[id]);
                    model.Remove(id);
                }
                else
                {
                    heap.Schedule(connections[id], due);
                    model[id] = model.TryGetValue(id, out int earlier) ? Math.Min(earlier, due) : due;
                }

                if (heap.Count != model.Count || (model.Count > 0 && heap.Earliest != model.Values.Min()))
                {
                    return false;
                }
            }

            while (model.Count > 0)
            {
                int first = connections.Where((_, id) => model.ContainsKey(id)).Select(c => c.DeadlineIndex).Order().First();
                int id = Array.FindIndex(connections, c => c.DeadlineIndex == first);
                if (first != 0 || heap.Earliest != model.Values.Min() || model[id] != heap.Earliest)
                {
                    return false;
                }

                heap.Remove(connections[id]);
                model.Remove(id);
            }

            return heap.Earliest == long.MaxValue;
        }).QuickCheckThrowOnFailure();
    }
}
