using System.Text;
using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>The rooms of one client: by the name they were asked for, and by the number that JOINED gave them on this connection.</summary>
/// <remarks>Each connection joins them again, and what is to be sent waits until all have their answer. Everything but the waiting is guarded by the client's Gate. The frame methods return
/// null, or what the server did wrong.</remarks>
internal sealed class ClientRooms
{
    private readonly ClientFlow _flow;
    private readonly ClientSends _sends;
    private readonly ChatClientOptions _options;
    private readonly RoomRequests _requests;

    // Joining, joined and leaving; by exactly the name asked for. The server may know two spellings as one room: then it refuses the second.
    private readonly Dictionary<string, ClientRoom> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, ClientRoom> _byNumber = [];

    // `newest` of the session's first JOINED for a room and epoch: an own message below it was sent by somebody else of that name, before us.
    private readonly Dictionary<(string Room, ulong Epoch), long> _firstNewest = [];

    // Rooms that this connection asks for at its beginning and that have no answer yet.
    private readonly HashSet<ClientRoom> _unanswered = [];

    private (DisconnectReason Reason, string Text)? _ended;

    internal ClientRooms(ClientFlow flow, ClientSends sends, ChatClientOptions options)
    {
        _flow = flow;
        _sends = sends;
        _options = options;

        // At least one: our own `joined` is the newest entry then, and comes along.
        _requests = new RoomRequests(flow, sends, replay: (ushort)Math.Max(1, options.ReplayEntries));
        sends.CaughtUp = _requests.Advance;
    }

    /// <summary>Gets the name that the server gave us, as entries have it.</summary>
    internal byte[] MyName { get; private set; } = [];

    /// <summary>A connection was welcomed: joins every room again that was joined or asked for. Caller holds the Gate.</summary>
    internal void Begin(ClientOutput output, byte[] myName, bool isResumed)
    {
        _requests.Begin(output);
        MyName = myName;
        if (!isResumed)
        {
            _firstNewest.Clear();
        }

        foreach (ClientRoom room in _byName.Values)
        {
            _unanswered.Add(room);
            _requests.Join(room);
        }

        _requests.Advance();
        if (_unanswered.Count == 0)
        {
            _sends.Release();
        }
    }

    /// <summary>The connection is lost. Caller holds the Gate.</summary>
    internal void OnLost(DisconnectReason reason)
    {
        _requests.Clear();
        if (reason == DisconnectReason.TooFast)
        {
            _requests.SlowDown();
        }

        _byNumber.Clear();
        _unanswered.Clear();
        foreach (ClientRoom room in _byName.Values)
        {
            if (!room.OnLost())
            {
                // Removing while enumerating is allowed.
                _byName.Remove(room.Name);
            }
        }
    }

    internal async ValueTask<ChatRoom> JoinAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!ClientText.TryEncode(name, out byte[] asked) || asked.Length > FrameLimits.MaxStr8Bytes)
        {
            throw ChatException.NotJoined(name, DisconnectReason.BadName, "not Unicode, or too long");
        }

        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            (ClientRoom room, bool isLeaving) = FindOrAsk(name, asked);
            if (isLeaving)
            {
                await room.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            ClientRoom.JoinAnswer answer = await room.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            return answer.IsJoined ? room.Handle : throw ChatException.NotJoined(name, answer.Reason, answer.Text);
        }
    }

    internal async ValueTask LeaveAsync(ClientRoom room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_flow.Gate)
        {
            if (_ended is null)
            {
                Leave(room);
            }
        }

        await room.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal string? OnJoined(in JoinedFrame joined)
    {
        string name = Encoding.UTF8.GetString(joined.Name);
        if (!_byName.TryGetValue(name, out ClientRoom? room) || !room.IsAsked)
        {
            return "JOINED for a room that was not asked for";
        }

        if (joined.Room == 0 || !_byNumber.TryAdd(joined.Room, room))
        {
            return $"JOINED with the number {joined.Room}, which is taken";
        }

        (string, ulong) life = (name, joined.Epoch);
        bool isFirst = !_firstNewest.TryGetValue(life, out long floor);
        floor = isFirst ? (long)joined.Newest : floor;
        if (room.OnJoined(joined, floor) is { } violation)
        {
            return violation;
        }

        if (isFirst)
        {
            _firstNewest.Add(life, floor);
        }

        if (room.LeavesWhenBack && _ended is null)
        {
            Leave(room);
        }

        CountAnswer(room);
        return null;
    }

    internal string? OnParted(in PartedFrame parted)
    {
        var reason = (DisconnectReason)parted.Code;
        string text = TextRules.SanitizeToLine(parted.Text);
        if (parted.Room == 0)
        {
            string name = Encoding.UTF8.GetString(parted.Name);
            if (!_byName.TryGetValue(name, out ClientRoom? asked) || !asked.IsAsked)
            {
                return "a refusal of a room that was not asked for";
            }

            if (asked.TryPutOff(reason))
            {
                // It stays unanswered here, so that what is open waits for the next connection too.
                return null;
            }

            _byName.Remove(name);
            asked.End(reason, text);
            CountAnswer(asked);
            return null;
        }

        if (!_byNumber.Remove(parted.Room, out ClientRoom? room))
        {
            // Our LEAVE crossed the server's own PARTED.
            return reason == DisconnectReason.NotAMember ? null : "PARTED from a room that was not joined";
        }

        _byName.Remove(room.Name);
        room.End(reason, text);
        return null;
    }

    internal string? OnRoster(in RosterFrame roster) =>
        _byNumber.TryGetValue(roster.Room, out ClientRoom? room) ? room.OnRoster(roster) : "a roster of a room that was not joined";

    internal string? OnGap(in GapFrame gap) =>
        _byNumber.TryGetValue(gap.Room, out ClientRoom? room) ? room.OnGap((long)gap.From, (long)gap.To) : "GAP of a room that was not joined";

    internal string? OnEntry(in EntryFrame entry) =>
        _byNumber.TryGetValue(entry.Room, out ClientRoom? room) ? room.OnEntry(entry) : "an entry of a room that was not joined";

    /// <summary>From now on nothing is joined or left.</summary>
    internal void Stop(DisconnectReason reason, string text) => _ended ??= (reason, text);

    internal void End(DisconnectReason reason, string text)
    {
        Stop(reason, text);
        foreach (ClientRoom room in _byName.Values)
        {
            room.End(reason, text);
        }

        _byName.Clear();
        _byNumber.Clear();
        _requests.Clear();
    }

    private (ClientRoom Room, bool IsLeaving) FindOrAsk(string name, byte[] asked)
    {
        lock (_flow.Gate)
        {
            if (_ended is { } ended)
            {
                throw ChatException.NotJoined(name, ended.Reason, ended.Text);
            }

            if (_byName.TryGetValue(name, out ClientRoom? room))
            {
                return (room, room.IsLeaving || room.LeavesWhenBack);
            }

            room = new ClientRoom(this, _flow, _sends, asked, name, _options.MaxBufferedEvents);
            _byName.Add(name, room);
            _flow.Await();
            _requests.Join(room);
            _requests.Advance();
            return (room, false);
        }
    }

    private void CountAnswer(ClientRoom room)
    {
        if (_unanswered.Remove(room) && _unanswered.Count == 0)
        {
            _sends.Release();
        }
    }

    /// <summary>Asks to leave, or sees to it that the room is not joined again.</summary>
    private void Leave(ClientRoom room)
    {
        if (room.IsJoined)
        {
            room.BeginLeave();
            _requests.Leave(room);
            _requests.Advance();
        }
        else if (room.IsAsked)
        {
            room.LeavesWhenBack = true;
        }
        else if (room.IsAway)
        {
            // The server parts us from it when nobody has come back to it.
            _byName.Remove(room.Name);
            room.End(DisconnectReason.Goodbye, "");
            CountAnswer(room);
            _requests.Flush();
        }
    }
}
