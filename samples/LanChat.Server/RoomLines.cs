namespace LanChat.Samples;

/// <summary>What happens in the rooms, as lines: those of the lobby as they are, those of other rooms behind the room's name.</summary>
internal static class RoomLines
{
    private const string Lobby = "lobby";

    internal static string Prefix(string room) => room is Lobby or "" ? "" : $"#{room} ";

    internal static async Task PrintAsync(IAsyncEnumerable<RoomEvent> events, TextWriter output)
    {
        await foreach (RoomEvent roomEvent in events)
        {
            await output.WriteLineAsync(Prefix(roomEvent.Room) + roomEvent.ToText());
        }
    }
}
