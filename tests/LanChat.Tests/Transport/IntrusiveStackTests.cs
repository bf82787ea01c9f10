using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

public sealed class IntrusiveStackTests
{
    private static int Rounds => Environment.GetEnvironmentVariable("LANCHAT_TEST_LONG") == "1" ? 2_000_000 : 50_000;

    [Fact]
    public void A_stack_gives_each_thing_once_in_the_order_of_its_pusher_until_it_is_closed()
    {
        var stack = new IntrusiveStack<Item>();
        const int Pushers = 3;
        int each = Rounds / 10;
        int[] accepted = new int[Pushers];
        Thread[] threads = [.. Enumerable.Range(0, Pushers).Select(pusher => new Thread(() =>
        {
            for (int i = 0; i < each && stack.TryPush(new Item(pusher, i)); i++)
            {
                accepted[pusher]++;
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        int[] next = new int[Pushers];
        int taken = 0;
        void Count(Item? item)
        {
            for (; item is not null; item = item.Next)
            {
                Assert.Equal(next[item.Pusher]++, item.Number);
                taken++;
            }
        }

        while (taken < each * Pushers / 2)
        {
            Count(stack.TakeAll());
        }

        Count(stack.Close());
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(accepted, next);
        Assert.False(stack.TryPush(new Item(0, 0)));
        Assert.Null(stack.Close());
    }

    private sealed class Item(int pusher, int number) : IStackNode<Item>
    {
        internal int Pusher => pusher;

        internal int Number => number;

        public Item? Next { get; set; }
    }
}
