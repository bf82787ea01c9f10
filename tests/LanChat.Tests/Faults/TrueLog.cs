using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Rooms;

namespace LanChat.Tests.Faults;

/// <summary>Everything that was ever appended to a room of any of a run's servers, taken from the logs themselves as they grow.</summary>
internal sealed class TrueLog
{
    private readonly Dictionary<ulong, RoomLife> _lives = [];

    /// <summary>Gets where each message was published, by its text, which is said once in a run.</summary>
    internal Dictionary<string, (RoomLife Life, LogEntry Entry)> Published { get; } = [];

    internal IEnumerable<RoomLife> Lives => _lives.Values;

    internal RoomLife? Find(ulong epoch) => _lives.GetValueOrDefault(epoch);

    /// <summary>Makes the rooms that are missing and begins to follow them, so that no entry is before the first look.</summary>
    internal void Follow(ServerHost host, IEnumerable<string> rooms)
    {
        foreach (string name in rooms)
        {
            if (host.Context.Rooms.FindOrMake(Encoding.UTF8.GetBytes(name), out _) is { } room && !_lives.ContainsKey(room.Epoch))
            {
                lock (room.Log.Gate)
                {
                    _lives.Add(room.Epoch, new RoomLife(room, room.Log.Subscribe(room.Log.OldestSequence)));
                }
            }
        }
    }

    /// <summary>Takes what is new.</summary>
    internal void Read()
    {
        foreach (RoomLife life in _lives.Values)
        {
            while (life.TryRead() is { } entry)
            {
                if (entry.Kind == EntryKind.Message && !Published.TryAdd(entry.Body, (life, entry)))
                {
                    (RoomLife first, LogEntry earlier) = Published[entry.Body];
                    throw new LawBrokenException(Law.NothingTwice, $"'{Short(entry.Body)}' by {entry.Name} is entry {earlier.Sequence} of {first} and entry {entry.Sequence} of {life}");
                }
            }
        }
    }

    /// <summary>Takes what is left and lets go of the logs of a server that stops.</summary>
    internal void Close()
    {
        Read();
        foreach (RoomLife life in _lives.Values)
        {
            life.Close();
        }
    }

    internal static string Short(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}

/// <summary>One life of a room: an epoch, and its entries from the first.</summary>
internal sealed class RoomLife(Room room, LogCursor cursor)
{
    private LogCursor? _cursor = cursor;

    internal Room Room { get; } = room;

    internal ulong Epoch => Room.Epoch;

    internal List<LogEntry> Entries { get; } = [];

    /// <summary>Gets who is in the room by what its entries say; of no meaning once it is counted.</summary>
    internal List<string> Members { get; } = [];

    internal bool IsCounted { get; private set; }

    /// <summary>Gets how many members the entries speak of.</summary>
    internal int MemberCount { get; private set; }

    internal LogEntry? Find(long sequence) => sequence >= 1 && sequence <= Entries.Count ? Entries[(int)sequence - 1] : null;

    internal LogEntry? TryRead()
    {
        if (_cursor is null || !_cursor.TryReadEntry(out ReadOnlySpan<byte> bytes))
        {
            return null;
        }

        if (!EntryFrame.TryDecodeWhole(bytes, out EntryFrame frame) || (long)frame.Sequence != Entries.Count + 1)
        {
            throw new LawBrokenException(Law.OneOrder, $"the log of {this} has entry {frame.Sequence} as number {Entries.Count + 1}");
        }

        bool hasMembers = PresenceBody.TryReadMembers(frame.Body, out uint members);
        var entry = new LogEntry(
            frame.Kind, (long)frame.Sequence, frame.Id, Encoding.UTF8.GetString(frame.Name), frame.Kind is EntryKind.Message or EntryKind.Notice ? Encoding.UTF8.GetString(frame.Body) : "", hasMembers ? (int)members : 0);
        _cursor.Advance(bytes.Length);
        Entries.Add(entry);
        Count(entry);
        return entry;
    }

    internal void Close()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    public override string ToString() => $"{Room.Name}/{Epoch % 1000:000}";

    private void Count(LogEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Joined:
                Members.Add(entry.Name);
                break;
            case EntryKind.Left when !Members.Remove(entry.Name):
                throw new LawBrokenException(Law.RostersAgree, $"entry {entry.Sequence} of {this} says that {entry.Name} left, who was not there");
            case EntryKind.Members:
                IsCounted = true;
                MemberCount = entry.Members;
                return;
            case EntryKind.LostContact or EntryKind.Back when !Members.Contains(entry.Name):
                throw new LawBrokenException(Law.RostersAgree, $"entry {entry.Sequence} of {this} speaks of {entry.Name}, who is not there");
            default:
                break;
        }

        if (entry.Kind is EntryKind.Joined or EntryKind.Left)
        {
            MemberCount = Members.Count;
            if (entry.Members != MemberCount)
            {
                throw new LawBrokenException(Law.RostersAgree, $"entry {entry.Sequence} of {this} says {entry.Members} members; by the entries there are {MemberCount}");
            }
        }
    }
}

/// <summary>One entry as the log has it. Members: what entries about presence say.</summary>
internal sealed record LogEntry(EntryKind Kind, long Sequence, ulong Id, string Name, string Body, int Members);
