using System.Runtime.CompilerServices;
using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>An app's loop over a stream of events, turned by the harness: it takes what is there, unless it is held.</summary>
/// <remarks>A stream that waits takes its next event on the pool. With a buffer that never fills nobody can tell when that was; with a small one it decides what is passed over, and a seed would not
/// replay. So a small buffer is read directly, on the harness's thread.</remarks>
internal sealed class EventReader
{
    private readonly IAsyncEnumerator<RoomEvent>? _stream;
    private readonly ClientEventReader? _buffer;
    private Task<bool>? _next;

    private EventReader(IAsyncEnumerator<RoomEvent> stream) => _stream = stream;

    private EventReader(ClientEventReader buffer) => _buffer = buffer;

    /// <summary>Gets what was read so far.</summary>
    internal List<RoomEvent> Events { get; } = [];

    /// <summary>Gets or sets whether the app has stopped reading.</summary>
    internal bool IsHeld { get; set; }

    internal bool HasEnded { get; private set; }

    internal static EventReader Of(ChatRoom room, bool isSmall) =>
        isSmall ? new(Subscribe(RoomOf(room).Events)) : new(room.ReadAllAsync().GetAsyncEnumerator());

    internal static EventReader OfMail(ChatClient client, bool isSmall) =>
        isSmall ? new(Subscribe(ClientProbe.SessionOf(client).Mailbox.Events)) : new(client.ReadDirectAsync().GetAsyncEnumerator());

    /// <summary>Takes what is there. False when there was nothing.</summary>
    internal bool Pull()
    {
        bool any = false;
        while (!IsHeld && !HasEnded && (_buffer is null ? TryTakeFromStream() : TryTakeFromBuffer()))
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
        if (_buffer!.TryRead(out RoomEvent? roomEvent))
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
}
