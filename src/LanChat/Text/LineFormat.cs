namespace LanChat.Text;

/// <summary>Draws events as lines of text (docs/protocol.md, section 8).</summary>
internal static class LineFormat
{
    internal static string Format(RoomEvent roomEvent, TimeZoneInfo? zone) => roomEvent.GetType().Name;
}
