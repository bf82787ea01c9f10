namespace LanChat.Tests.Faults;

/// <summary>An app's loop over a stream of events, turned by the harness: it takes what is there, unless it is held.</summary>
internal sealed class EventReader(IAsyncEnumerable<RoomEvent> events)
{
    private readonly IAsyncEnumerator<RoomEvent> _enumerator = events.GetAsyncEnumerator();
    private Task<bool>? _next;

    /// <summary>Gets what was read so far.</summary>
    internal List<RoomEvent> Events { get; } = [];

    /// <summary>Gets or sets whether the app has stopped reading.</summary>
    internal bool IsHeld { get; set; }

    internal bool HasEnded { get; private set; }

    /// <summary>Takes what is there. False when there was nothing.</summary>
    internal bool Pull()
    {
        bool any = false;
        while (!IsHeld && !HasEnded)
        {
            _next ??= _enumerator.MoveNextAsync().AsTask();
            if (!_next.IsCompleted)
            {
                break;
            }

            HasEnded = !_next.GetAwaiter().GetResult();
            _next = null;
            any = true;
            if (!HasEnded)
            {
                Events.Add(_enumerator.Current);
            }
        }

        return any;
    }
}
