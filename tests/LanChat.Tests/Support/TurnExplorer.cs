using System.Numerics;
using System.Text;

namespace LanChat.Tests.Support;

/// <summary>One who takes turns in a case: a client, or a loop stepped by hand. A turn is one whole thing it does.</summary>
/// <param name="Name">For the description of an order.</param>
/// <param name="Act">Takes the turn; false = there was nothing to do, and will not be before another has acted.</param>
/// <param name="Touches">What its turns may touch, as bits. Two whose bits have nothing in common can be exchanged, and only one of the two orders is tried.</param>
internal sealed record Actor(string Name, Func<bool> Act, int Touches = ~0)
{
    /// <summary>One that does these things, one a turn; each says whether it could be done yet.</summary>
    internal static Actor Doing(string name, int touches, params ReadOnlySpan<Func<bool>> things)
    {
        Queue<Func<bool>> left = new(things.ToArray());
        return new Actor(name, () => left.Count > 0 && left.Peek()() && left.TryDequeue(out _), touches);
    }
}

/// <summary>Who takes turns, made afresh for each order, and what must hold when nobody has anything left to do.</summary>
internal sealed record TurnCase(IReadOnlyList<Actor> Actors, Action AfterEach);

/// <summary>
/// Tries every order in which the actors of a case can take their turns, depth first, each order from the start; the case must do the same whenever it is given the same order.
/// It is for code that is stepped from outside and meets its like only between steps; <see cref="InterleavingScheduler"/> is for what happens inside of a step.
/// </summary>
internal sealed class TurnExplorer(Func<TurnCase> makeCase)
{
    private readonly List<Node> _path = [];
    private IReadOnlyList<Actor> _actors = [];

    internal Exploration Explore(long maxOrders)
    {
        long orders = 0;
        long cutShort = 0;
        long turns = 0;
        do
        {
            TurnCase one = makeCase();
            _actors = one.Actors;
            try
            {
                bool isWhole = Run();
                turns += _path.Count;
                orders += isWhole ? 1 : 0;
                cutShort += isWhole ? 0 : 1;
                if (isWhole)
                {
                    one.AfterEach();
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return new Exploration(orders, cutShort, turns, IsComplete: false, e + Environment.NewLine + Describe());
            }
        }
        while (MoveToNextOrder() && orders < maxOrders);
        return new Exploration(orders, cutShort, turns, IsComplete: _path.Count == 0, null);
    }

    /// <summary>Goes the path and on to its end. False when it need not be gone: its rest equals one gone already, or the turn that was to be tried last did nothing.</summary>
    private bool Run()
    {
        for (int depth = 0; depth < _path.Count; depth++)
        {
            if (_actors[_path[depth].Chosen].Act())
            {
                continue;
            }

            if (depth < _path.Count - 1)
            {
                throw new InvalidOperationException("The case does not do the same when run in the same order.");
            }

            return false;
        }

        int idle = 0;
        int all = (1 << _actors.Count) - 1;
        for (; ; )
        {
            int asleep = _path.Count == 0 ? 0 : SleepingAfter(_path[^1]);
            int left = all & ~idle & ~asleep;
            if (left == 0)
            {
                // Whoever sleeps and could act leads to an order that was gone.
                return !CanAnyAct(asleep & ~idle);
            }

            int chosen = BitOperations.TrailingZeroCount(left);
            if (!_actors[chosen].Act())
            {
                idle |= 1 << chosen;
                continue;
            }

            _path.Add(new Node { Chosen = chosen, Left = left & ~(1 << chosen), Asleep = asleep });
            idle = 0;
            if (_path.Count > 1000)
            {
                throw new InvalidOperationException("The actors keep each other from ending.");
            }
        }
    }

    private bool CanAnyAct(int actors)
    {
        for (; actors != 0; actors &= actors - 1)
        {
            if (_actors[BitOperations.TrailingZeroCount(actors)].Act())
            {
                return true;
            }
        }

        return false;
    }

    private bool MoveToNextOrder()
    {
        while (_path.Count > 0)
        {
            Node node = _path[^1];
            node.Asleep |= 1 << node.Chosen;
            if (node.Left != 0)
            {
                node.Chosen = BitOperations.TrailingZeroCount(node.Left);
                node.Left &= node.Left - 1;
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    /// <summary>Who was tried before the one chosen, and can be exchanged with him, need not be tried after him.</summary>
    private int SleepingAfter(Node node)
    {
        int asleep = 0;
        for (int rest = node.Asleep & ~(1 << node.Chosen); rest != 0; rest &= rest - 1)
        {
            int actor = BitOperations.TrailingZeroCount(rest);
            asleep |= (_actors[actor].Touches & _actors[node.Chosen].Touches) == 0 ? 1 << actor : 0;
        }

        return asleep;
    }

    private string Describe()
    {
        StringBuilder text = new();
        foreach (Node node in _path)
        {
            text.Append("  ").AppendLine(_actors[node.Chosen].Name);
        }

        return text.ToString();
    }

    /// <summary>One turn of the path.</summary>
    private sealed class Node
    {
        /// <summary>Who took it.</summary>
        public int Chosen;

        /// <summary>Who is still to be tried here, as bits.</summary>
        public int Left;

        /// <summary>Who need not be tried here: it was, or would lead to an order that was gone.</summary>
        public int Asleep;
    }
}
