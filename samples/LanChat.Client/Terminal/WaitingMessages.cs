namespace LanChat.Samples.Terminal;

/// <summary>Own messages that are not in their room yet as far as the screen can tell, in the order in which they were typed.</summary>
/// <remarks>Two things say that a message arrived: the room's event, which shows it in its place, and the server's answer. Either may be first. A message
/// leaves this list once; who takes it out prints it.</remarks>
internal sealed class WaitingMessages
{
    private readonly List<OwnMessage> _messages = [];

    internal int Count => _messages.Count;

    internal void Add(OwnMessage message) => _messages.Add(message);

    internal bool Remove(OwnMessage message) => _messages.Remove(message);

    /// <summary>Takes an own message out that came back in its room: the oldest one, since they are sent one after the other.</summary>
    internal void Confirm(RoomView room)
    {
        int index = _messages.FindIndex(message => message.Room == room);
        if (index >= 0)
        {
            _messages.RemoveAt(index);
        }
    }

    /// <summary>Takes out those that the server has but whose event will not come any more: it fell into a gap.</summary>
    internal IReadOnlyList<OwnMessage> TakePassed(RoomView room)
    {
        List<OwnMessage> passed = _messages.FindAll(message => message.Room == room && message.Sequence > 0 && message.Sequence <= room.LastSequence);
        passed.ForEach(message => _messages.Remove(message));
        return passed;
    }

    /// <summary>Takes out what is left at the end.</summary>
    internal IReadOnlyList<OwnMessage> TakeAll()
    {
        OwnMessage[] all = [.. _messages];
        _messages.Clear();
        return all;
    }

    /// <summary>Draws them for the block, one row each.</summary>
    internal IReadOnlyList<StyledLine> Lines(Painter painter) =>
        [.. _messages.Select(message => new StyledLine(new StyledRun($"… {To(message)}{message.Text.Replace('\n', '⏎')}", painter.Dim)))];

    private static string To(OwnMessage message) => message.Member.Length > 0 ? $"-> {message.Member}: " : "";
}
