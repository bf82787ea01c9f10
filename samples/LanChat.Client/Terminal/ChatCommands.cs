namespace LanChat.Samples.Terminal;

/// <summary>What a line that starts with a slash does.</summary>
/// <param name="display">Where answers go.</param>
/// <param name="rooms">The rooms that were joined.</param>
/// <param name="join">Starts to join a room, and shows it in time.</param>
internal sealed class ChatCommands(Display display, Rooms rooms, Action<string> join)
{
    private static readonly string[] Help =
    [
        "/who                 who is here",
        "/rooms               the rooms you are in, and what is unread there",
        "/join ROOM           go to a room; the others stay joined",
        "/msg NAME TEXT       say something to one person alone",
        "/quit                leave (also Ctrl-D)",
        "For operators of the server (--operator):",
        "/kick NAME           remove somebody, who may come back",
        "/ban NAME            remove somebody, who may not, until /unban NAME",
        "/notice TEXT         say something to all rooms",
        "/shutdown            stop the server",
        "Tab completes, Up takes earlier lines back, Alt-Enter starts a new line.",
    ];

    /// <summary>Carries a command out. Returns the message that is to be sent, if it is one that sends.</summary>
    internal OwnMessage? Run(string line)
    {
        switch (line.TrimEnd().Split(' ', 3))
        {
            case ["/who"]:
                Who();
                break;
            case ["/rooms"]:
                ListRooms();
                break;
            case ["/join", { Length: > 0 } name]:
                join(name);
                break;
            case ["/msg", var name, { Length: > 0 } text] when name.TrimEnd(':') is { Length: > 0 } member:
                return new OwnMessage(text, room: null, member);
            case [_, ..] when OperatorCommands.Parse(line) is { } command:
                return new OwnMessage(line.TrimEnd(), room: null, member: "") { Command = command };
            case ["/help"]:
                display.Print(Help.Select(text => new StyledLine(new StyledRun(text, display.Painter.Dim))));
                break;
            case [var command, ..] when Completion.Commands.Contains(command):
                display.Print($"? {command} is written as /help says", display.Painter.Bad);
                break;
            default:
                display.Print("? no such command; /help lists them", display.Painter.Bad);
                break;
        }

        return null;
    }

    private void Who()
    {
        IReadOnlyList<string> names = rooms.Current.Room.Members;
        string count = new MembersChanged { Members = rooms.Current.Room.MemberCount }.ToText();
        List<StyledRun> runs = [new StyledRun(names.Count == 0 ? count : $"{count}: ")];
        for (int i = 0; i < names.Count; i++)
        {
            runs.Add(new StyledRun(names[i], display.Painter.Name(names[i])));
            runs.Add(new StyledRun(i < names.Count - 1 ? ", " : ""));
        }

        display.Print([new StyledLine(runs)]);
    }

    private void ListRooms()
    {
        foreach (RoomView view in rooms.All)
        {
            string mark = view == rooms.Current ? " (here)" : view.Unread > 0 ? $" ● {view.Unread} unread" : "";
            string count = new MembersChanged { Members = view.Room.MemberCount }.ToText();
            display.Print($"{count} in {view.Name}{mark}");
        }
    }
}
