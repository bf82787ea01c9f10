using System.Runtime.CompilerServices;
using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>An app's loop over a stream of events, turned by the harness: it takes what is there, unless it is held.</summary>
/// <remarks>A stream that waits takes its next event on the pool, and the harness waits for that (<see cref="Moves"/>). When that was nobody can tell with a buffer that never fills; with a small one
/// it decides what is passed over, and a seed would not replay. So a small buffer is read directly, on the harness's thread.</remarks>
internal sealed class EventReader
{
    private readonly ClientFlow _flow;
    private readonly ClientEventReader _buffer;
    private readonly IAsyncEnumerator<RoomEvent>? _stream;
    private Task<bool>? _next;

    private EventReader(ClientFlow flow, ClientEvents events, IAsyncEnumerable<RoomEvent>? stream)
    {
        _flow = flow;
        _stream = stream?.GetAsyncEnumerator();
        _buffer = stream is null ? Subscribe(events) : ReadersOf(events)[^1];
    }

    /// <summary>Gets what was read so far.</summary>
    internal List<RoomEvent> Events { get; } = [];

    /// <summary>Gets or sets whether the app has stopped reading.</summary>
    internal bool IsHeld { get; set; }

    internal bool HasEnded { get; private set; }

    /// <summary>Gets whether the stream was woken and its next event, or its end, is on its way over the pool.</summary>
    internal bool Moves
    {
        get
        {
            lock (_flow.Gate)
            {
                return _next is { IsCompleted: false } && WaitingOf(_buffer) is null;
            }
        }
    }

    internal static EventReader Of(ChatRoom room, bool isSmall) => new(RoomOf(room).Flow, RoomOf(room).Events, isSmall ? null : room.ReadAllAsync());

    internal static EventReader OfMail(ChatClient client, bool isSmall)
    {
        ClientSession session = ClientProbe.SessionOf(client);
        return new(session.Flow, session.Mailbox.Events, isSmall ? null : client.ReadDirectAsync());
    }

    /// <summary>Takes what is there. False when there was nothing.</summary>
    internal bool Pull()
    {
        bool any = false;
        while (!IsHeld && !HasEnded && (_stream is null ? TryTakeFromBuffer() : TryTakeFromStream()))
        {
            any = true;
        }

        return any;
    }

    private bool TryTakeFromStream()
    {
        _next ??= _stream!.MoveNextAsync().AsTask();
        if (!_next.IsCompleted)
        {
            return false;
        }

        HasEnded = !_next.GetAwaiter().GetResult();
        _next = null;
        if (!HasEnded)
        {
            Events.Add(_stream!.Current);
        }

        return true;
    }

    private bool TryTakeFromBuffer()
    {
        if (_buffer.TryRead(out RoomEvent? roomEvent))
        {
            Events.Add(roomEvent!);
            return true;
        }

        Task<bool> waiting = _buffer.WaitAsync(CancellationToken.None);
        HasEnded = waiting is { IsCompleted: true, Result: false };
        return waiting.IsCompleted;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_room")]
    private static extern ref ClientRoom RoomOf(ChatRoom room);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Subscribe")]
    private static extern ClientEventReader Subscribe(ClientEvents events);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_readers")]
    private static extern ref List<ClientEventReader> ReadersOf(ClientEvents events);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waiting")]
    private static extern ref TaskCompletionSource<bool>? WaitingOf(ClientEventReader reader);
}
