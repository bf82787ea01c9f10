using System.Runtime.InteropServices;
using LanChat.Framing;

namespace LanChat.Tests.Faults;

/// <summary>What the server said to one client over all its connections, as far as the laws need it.</summary>
/// <param name="mark">What each text of the client begins with.</param>
internal sealed class ClientRecord(string mark)
{
    // For each entry that came, the JOINED under which it came. More than one: what a lost connection brought and nobody looked at comes again, and so does history.
    private readonly Dictionary<(string Room, ulong Epoch, long Sequence), List<JoinedRecord>> _entries = [];

    internal string Mark => mark;

    /// <summary>Gets the session of each WELCOME.</summary>
    internal List<ulong> Sessions { get; } = [];

    /// <summary>Gets each JOINED; and each WELCOME, as the JOINED of the mailbox.</summary>
    internal List<JoinedRecord> Joined { get; } = [];

    /// <summary>Gets or sets how many GAP frames came.</summary>
    internal int ToldGaps { get; set; }

    /// <summary>Gets the reasons for which the server ended connections.</summary>
    internal List<DisconnectReason> Byes { get; } = [];

    internal void NoteEntry(JoinedRecord under, long sequence)
    {
        ref List<JoinedRecord>? came = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, (under.Room, under.Epoch, sequence), out _);
        (came ??= new(1)).Add(under);
    }

    /// <summary>Gets the last JOINED under which an entry came, among those of one membership; null when it never came.</summary>
    internal JoinedRecord? WhereCame(string room, ulong epoch, long sequence, int joinedFrom, int joinedTo) =>
        _entries.GetValueOrDefault((room, epoch, sequence))?.FindLast(joined => joined.Index >= joinedFrom && joined.Index < joinedTo);
}

/// <summary>A JOINED: its number among those of the client, and what it said.</summary>
internal sealed record JoinedRecord(int Index, string Room, ulong Epoch, JoinOutcome Outcome, long First, long Newest);
