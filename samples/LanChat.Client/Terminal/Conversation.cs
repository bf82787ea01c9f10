namespace LanChat.Samples.Terminal;

/// <summary>What was said, in the order in which it goes onto the screen: the joined rooms, own messages on their way, and what is new to the user.</summary>
internal sealed class Conversation(Display display, ChatClient client, ChatRoom first)
{
    private readonly EventLines _lines = new(display.Painter, TimeProvider.System);
    private readonly WaitingMessages _waiting = new();

    internal Rooms Rooms { get; } = new(new RoomView(first));

    internal Attention Attention { get; } = new();

    internal bool IsAllSettled => _waiting.Count == 0;

    /// <summary>Gets own messages on their way, for the block.</summary>
    internal IReadOnlyList<StyledLine> Waiting => _waiting.Lines(display.Painter);

    /// <summary>Notes an own message that is on its way from now on.</summary>
    internal void Await(OwnMessage message) => _waiting.Add(message);

    /// <summary>Takes up what happened in a room.</summary>
    internal void Happen(RoomView view, RoomEvent roomEvent)
    {
        view.Pass(roomEvent);
        bool isShown = view.IsShown(roomEvent);
        if (isShown && roomEvent is MessageReceived { IsOwn: true })
        {
            _waiting.Confirm(view);
        }

        if (isShown && view == Rooms.Current)
        {
            Print(roomEvent);
        }
        else if (isShown)
        {
            view.Keep(roomEvent);
        }

        PrintPassed(view);
    }

    /// <summary>Takes up what came for this client alone.</summary>
    internal void HappenDirectly(RoomEvent roomEvent)
    {
        // Of losing and regaining contact the rooms tell.
        if (roomEvent is not (Resumed or Reset))
        {
            Print(roomEvent);
        }
    }

    /// <summary>Takes up what became of an own message. False: it was refused.</summary>
    internal bool Settle(OwnMessage message, SendResult result)
    {
        if (result is { Outcome: SendOutcome.Accepted, Sequence: > 0 } && message.Room is { } room)
        {
            message.Sequence = result.Sequence;
            PrintPassed(room);
        }
        else if (_waiting.Remove(message))
        {
            if (result.IsAccepted && message.Room is { } view)
            {
                // Sequence 0: the room has it, and nobody knows any more where. Nothing else might ever say so.
                view.PrintedId = result.Id;
            }

            display.Print(_lines.Settled(message, result, client.Name));
        }

        return result.Outcome != SendOutcome.Rejected;
    }

    /// <summary>Prints the own messages of which nothing more will be known.</summary>
    internal void GiveUp()
    {
        foreach (OwnMessage message in _waiting.TakeAll())
        {
            display.Print(_lines.Settled(message, SendResult.Unknown(0, DisconnectReason.Aborted), client.Name));
        }
    }

    /// <summary>Shows a room, with what came there while another one was shown.</summary>
    internal void Show(RoomView view)
    {
        if (view == Rooms.Current)
        {
            return;
        }

        Rooms.Show(view);
        display.Print($"── {view.Name} ──", display.Painter.Bold);
        int unread = view.Unread;
        foreach (RoomEvent missed in view.TakeMissed())
        {
            if (unread > 0 && RoomView.IsUnread(missed))
            {
                display.Print($"── {unread} new ──", display.Painter.Accent);
                unread = 0;
            }

            display.Print(_lines.Of(missed));
        }
    }

    /// <summary>Takes up that a room is over. False: it was the last one.</summary>
    internal bool End(RoomView view)
    {
        if (!Rooms.Remove(view))
        {
            return false;
        }

        // When the connection ends all rooms do, and the reason is said once.
        if (client.State is ChatState.Connected or ChatState.Reconnecting)
        {
            display.Print($"* {Ending.Explain(DisconnectReason.Goodbye, "", view.Room)}", display.Painter.Bad);
        }

        if (view == Rooms.Current)
        {
            Show(Rooms.All[0]);
        }

        return true;
    }

    private void Print(RoomEvent roomEvent)
    {
        if (Attention.IsNew(roomEvent))
        {
            display.Print("── new ──", display.Painter.Accent);
        }

        display.Print(_lines.Of(roomEvent));
    }

    private void PrintPassed(RoomView view)
    {
        foreach (OwnMessage message in _waiting.TakePassed(view))
        {
            display.Print(_lines.Settled(message, SendResult.Accepted(0, message.Sequence), client.Name));
        }
    }
}
