namespace LanChat.Framing;

/// <summary>Says what happened in a room. Kinds that are not listed are skipped by readers, but have their sequence.</summary>
internal enum EntryKind : byte
{
    Message = 1,

    /// <summary>Body: members now (<see cref="PresenceBody"/>).</summary>
    Joined = 2,

    /// <summary>Body: members now and a code (<see cref="PresenceBody"/>).</summary>
    Left = 3,

    /// <summary>A word from operator or server to the room.</summary>
    Notice = 4,

    /// <summary>Body: members now (<see cref="PresenceBody"/>). In counted rooms, instead of names.</summary>
    Members = 5,

    LostContact = 6,
    Back = 7,

    /// <summary>A message from one member, in a mailbox.</summary>
    Direct = 8,

    /// <summary>A word from the server to one member alone, in its mailbox.</summary>
    Private = 9,
}
