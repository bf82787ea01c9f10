using System.Globalization;

namespace LanChat.Samples.Terminal;

/// <summary>Draws events as styled lines. The words are the library's (<see cref="RoomEvent.ToText"/>); this adds colours, and marks to own messages.</summary>
/// <param name="painter">Chooses the styles.</param>
/// <param name="clock">The time and zone of what has no time of its own; of everything, the zone.</param>
internal sealed class EventLines(Painter painter, TimeProvider clock)
{
    // "[12:34:56] "
    private const int ClockLength = 11;

    internal IEnumerable<StyledLine> Of(RoomEvent roomEvent)
    {
        string text = roomEvent.ToText(clock.LocalTimeZone);
        return roomEvent switch
        {
            MessageReceived message => Said(text, message.Name, message.IsOwn ? message.Sequence : 0),
            DirectReceived direct => Said(text, direct.Name, 0, painter.Accent),
            Notice or PrivateNotice => StyledLine.Of(text, painter.Accent),
            _ => StyledLine.Of(text, painter.Dim),
        };
    }

    /// <summary>Draws what became of an own message that no event shows.</summary>
    internal IEnumerable<StyledLine> Settled(OwnMessage message, SendResult result, string name)
    {
        string text = Continued(message.Text);
        switch (result.Outcome)
        {
            case SendOutcome.Accepted when message.Command is not null:
                return [.. Marked(StyledLine.Of(text, painter.Dim)), .. result.Text.Length > 0 ? StyledLine.Of($"* {result.Text}", painter.Dim) : []];
            case SendOutcome.Rejected when message.Command is not null:
                return StyledLine.Of($"? {Continued(OperatorCommands.Explain(result, isCommand: true))}", painter.Bad);
            case SendOutcome.Accepted when message.Room is null:
                return Marked(StyledLine.Of(string.Create(CultureInfo.InvariantCulture, $"[{clock.GetLocalNow():HH:mm:ss}] {name} -> {message.Member}: {text}"), painter.Accent));
            case SendOutcome.Accepted:
                return Marked(StyledLine.Of(result.Sequence > 0 ? $"#{result.Sequence} {name}: {text}" : $"{name}: {text}"));
            case SendOutcome.Rejected:
                return [.. StyledLine.Of($"? {Continued(OperatorCommands.Explain(result, isCommand: false))}", painter.Bad), .. StyledLine.Of($"  not sent: {text}", painter.Dim)];
            default:
                return StyledLine.Of($"? whether this was sent is not known: {text}", painter.Bad);
        }
    }

    /// <summary>Indents the further lines of a text.</summary>
    internal static string Continued(string text) => text.Replace("\n", "\n    ", StringComparison.Ordinal);

    private IEnumerable<StyledLine> Said(string text, string name, long ownSequence, string style = "")
    {
        string[] lines = text.Split('\n');

        // Where a name has something in it that is drawn otherwise, it is drawn without its colour.
        bool isPlain = lines[0].Length < ClockLength || !lines[0].AsSpan(ClockLength).StartsWith(name);
        List<StyledRun> first = isPlain
            ? [new StyledRun(lines[0], style)]
            :
            [
                new StyledRun(lines[0][..ClockLength], painter.Dim),
                .. ownSequence > 0 ? [new StyledRun($"#{ownSequence} ", painter.Dim)] : Array.Empty<StyledRun>(),
                new StyledRun(name, painter.Name(name)),
                new StyledRun(lines[0][(ClockLength + name.Length)..], style),
            ];
        IEnumerable<StyledLine> all = [new StyledLine(first), .. lines.Skip(1).Select(line => new StyledLine(new StyledRun(line, style)))];
        return ownSequence > 0 ? Marked(all) : all;
    }

    private StyledLine[] Marked(IEnumerable<StyledLine> lines)
    {
        StyledLine[] all = [.. lines];
        all[^1] = new StyledLine([.. all[^1].Runs, new StyledRun(" ✓", painter.Good)]);
        return all;
    }
}
