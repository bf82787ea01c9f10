namespace LanChat.Rooms;

/// <content>What a member needs that was not sent everything.</content>
internal sealed partial class Room
{
    /// <summary>Gets the members, for one who was not told of each coming and going.</summary>
    /// <param name="sequence">The entry after which these are they: none that was passed over is later.</param>
    /// <returns>Null when there is no list: in a counted room, which instead tells everybody its number again within a second; or if the room was closed meanwhile.</returns>
    internal byte[][]? RosterAfterGap(out long sequence)
    {
        lock (_log.Gate)
        {
            sequence = _isClosed ? 0 : _log.LastSequence;
            _countIsStale |= _isCounted;
            return _isClosed || _isCounted ? null : RosterNames();
        }
    }
}
