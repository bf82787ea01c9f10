using System.Collections.Concurrent;
using System.Text;
using LanChat.Broadcast;
using LanChat.Text;

namespace LanChat.Rooms;

/// <summary>The rooms of a server, by name and in the order they were made. Any thread may call it; making and removing rooms is rare and
/// takes a lock.</summary>
internal sealed class RoomTable
{
    /// <summary>The room that always exists, number 1.</summary>
    internal const string Lobby = "lobby";

    // A client that leaves one room to enter it again must find it, also where nobody can come back.
    private static readonly TimeSpan MinEmptyRoomLife = TimeSpan.FromSeconds(1);

    private readonly ChatServerOptions _options;
    private readonly SegmentPool _pool;
    private readonly RoomObservers _observers;
    private readonly ConcurrentDictionary<string, Room> _byKey = new(StringComparer.Ordinal);
    private readonly Lock _making = new();

    // The last number given; numbers are never reused. Under _making.
    private uint _lastNumber;

    internal RoomTable(ChatServerOptions options, SegmentPool pool, RoomObservers observers)
    {
        _options = options;
        _pool = pool;
        _observers = observers;
        LobbyRoom = FindOrMake(Encoding.UTF8.GetBytes(Lobby), out _)!;
    }

    internal Room LobbyRoom { get; }

    internal ICollection<Room> All => _byKey.Values;

    /// <summary>How long a room other than the lobby stays when its last member has left: as long as somebody who lost contact could come back to it.</summary>
    internal static TimeSpan EmptyRoomLife(ChatServerOptions options) => options.ResumeWindow > MinEmptyRoomLife ? options.ResumeWindow : MinEmptyRoomLife;

    /// <summary>Finds the room with a name, and makes it when it does not exist and may.</summary>
    internal Room? FindOrMake(ReadOnlySpan<byte> name, out DisconnectReason refusal)
    {
        refusal = default;
        if (NameRule.CheckRoom(name, out string text, out string key) != NameCheck.Ok)
        {
            refusal = DisconnectReason.BadName;
            return null;
        }

        if (_byKey.TryGetValue(key, out Room? room))
        {
            return room;
        }

        lock (_making)
        {
            if (_byKey.TryGetValue(key, out room))
            {
                return room;
            }

            if (_lastNumber > 0 && !_options.AllowNewRooms)
            {
                refusal = DisconnectReason.NoSuchRoom;
            }
            else if (_byKey.Count >= _options.MaxRooms)
            {
                refusal = DisconnectReason.TooManyRooms;
            }
            else
            {
                room = new Room(++_lastNumber, text, key, _options, _pool, _observers);
                _byKey[key] = room;
            }
        }

        if (room is not null)
        {
            _observers.OnRoomMade(room);
        }

        return room;
    }

    /// <summary>Finds a room by name without making it.</summary>
    internal Room? Find(string name) => Find(Encoding.UTF8.GetBytes(name));

    internal Room? Find(ReadOnlySpan<byte> name) => NameRule.CheckRoom(name, out _, out string key) == NameCheck.Ok ? _byKey.GetValueOrDefault(key) : null;

    /// <summary>Does what time asks for, once a second: counted rooms tell their number, history ages, empty rooms go.</summary>
    internal void Tick(DateTimeOffset now)
    {
        foreach (Room room in _byKey.Values)
        {
            if (room.Tick(now) && room != LobbyRoom)
            {
                _byKey.TryRemove(KeyValuePair.Create(room.Key, room));
            }
        }
    }

    /// <summary>Lets go of all logs. After every loop has ended.</summary>
    internal void Close()
    {
        foreach (Room room in _byKey.Values)
        {
            room.Close();
        }
    }
}
