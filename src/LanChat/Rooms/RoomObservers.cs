using System.Collections.Immutable;

namespace LanChat.Rooms;

/// <summary>Those in this process who follow every room without being a member: the operator's console. Any thread.</summary>
internal sealed class RoomObservers
{
    private ImmutableArray<RoomObserver> _observers = [];

    private bool _isComplete;

    internal void Add(RoomObserver observer)
    {
        // Full fence, partner: the one in Complete. Either it finds the observer, or this finds the mark; else the observer would wait for ever.
        ImmutableInterlocked.Update(ref _observers, static (all, one) => all.Add(one), observer);
        if (Volatile.Read(ref _isComplete))
        {
            observer.Complete();
        }
    }

    internal void Remove(RoomObserver observer) => ImmutableInterlocked.Update(ref _observers, static (all, one) => all.Remove(one), observer);

    /// <summary>Tells them that a room has news. Costs one read when there are none.</summary>
    internal void Wake()
    {
        foreach (RoomObserver observer in _observers)
        {
            observer.Wake();
        }
    }

    internal void OnRoomMade(Room room)
    {
        foreach (RoomObserver observer in _observers)
        {
            observer.Follow(room, fromNow: false);
        }
    }

    internal void LimitLag()
    {
        foreach (RoomObserver observer in _observers)
        {
            observer.LimitLag();
        }
    }

    /// <summary>Ends them all: each still gets what is in the logs.</summary>
    internal void Complete()
    {
        Interlocked.Exchange(ref _isComplete, true);
        foreach (RoomObserver observer in _observers)
        {
            observer.Complete();
        }
    }
}
