namespace LanChat.Samples.Terminal;

/// <summary>One joined room as the screen has it: what came while another one was shown.</summary>
internal sealed class RoomView(ChatRoom room)
{
    // What a screen or two can show. Of more than that only the number is kept.
    private const int MaxMissed = 200;

    private readonly Queue<RoomEvent> _missed = new();

    internal ChatRoom Room => room;

    internal string Name => room.Name;

    /// <summary>Gets how many messages came that were not shown.</summary>
    internal int Unread { get; private set; }

    /// <summary>Gets how far the room's events have come.</summary>
    internal long LastSequence { get; private set; }

    /// <summary>Gets or sets the id of an own message that was printed without its place, which the server no longer knew; 0 when there is none. If it comes after all, with what is caught up, it is
    /// not shown again.</summary>
    internal long PrintedId { get; set; }

    /// <summary>Notes how far an event gets. After a reset nothing of what was before it comes any more.</summary>
    internal void Pass(RoomEvent roomEvent)
    {
        LastSequence = roomEvent switch
        {
            Reset => long.MaxValue,
            Resumed => LastSequence,
            Gap gap => gap.To,
            _ => roomEvent.Sequence,
        };
        PrintedId = roomEvent.IsReplay || roomEvent.Sequence == 0 ? PrintedId : 0;
    }

    /// <summary>Says whether an event is of interest: of the history only what was said, and one's own coming, which ends it. What is caught up after contact was lost is no history.</summary>
    internal bool IsShown(RoomEvent roomEvent) =>
        (!roomEvent.IsReplay || roomEvent is MessageReceived or Notice || roomEvent.Sequence >= room.JoinedSequence)
        && !(PrintedId > 0 && roomEvent is MessageReceived { IsOwn: true } own && own.Id == PrintedId);

    /// <summary>Says whether an event is something that others said since.</summary>
    internal static bool IsUnread(RoomEvent roomEvent) => roomEvent is MessageReceived { IsReplay: false, IsOwn: false };

    /// <summary>Keeps an event until the room is shown.</summary>
    internal void Keep(RoomEvent roomEvent)
    {
        _missed.Enqueue(roomEvent);
        Unread += IsUnread(roomEvent) ? 1 : 0;
        if (_missed.Count > MaxMissed)
        {
            _missed.Dequeue();
        }
    }

    /// <summary>Takes out what was kept.</summary>
    internal IReadOnlyList<RoomEvent> TakeMissed()
    {
        RoomEvent[] missed = [.. _missed];
        _missed.Clear();
        Unread = 0;
        return missed;
    }
}
