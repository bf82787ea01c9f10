using System.Text;
using LanChat.Framing;
using LanChat.Text;

namespace LanChat.Connections.Client;

/// <summary>The rooms of one connection: by the name they were asked for, and by the number that JOINED gave them.</summary>
/// <remarks>Everything but the waiting is guarded by the client's Gate. The frame methods return null, or what the server did wrong.</remarks>
internal sealed class ClientRooms
{
    private readonly ClientFlow _flow;
    private readonly ClientSends _sends;
    private readonly ClientOutput _output;
    private readonly ChatClientOptions _options;

    // Joining, joined and leaving; by exactly the name asked for. The server may know two spellings as one room: then it refuses the second.
    private readonly Dictionary<string, ClientRoom> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, ClientRoom> _byNumber = [];

    // `newest` of the first JOINED for a room and epoch: an own message below it was sent by somebody else of that name, before us.
    private readonly Dictionary<(uint Room, ulong Epoch), long> _firstNewest = [];

    private byte[] _myName = [];
    private (DisconnectReason Reason, string Text)? _ended;

    internal ClientRooms(ClientFlow flow, ClientSends sends, ClientOutput output, ChatClientOptions options)
    {
        _flow = flow;
        _sends = sends;
        _output = output;
        _options = options;
    }

    internal void Begin(byte[] myName) => _myName = myName;

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
            if (room.IsJoined && _ended is null)
            {
                room.BeginLeave();
                new LeaveFrame { Room = room.Number }.WriteTo(_output.Writer);
                _output.Flush();
            }
        }

        await room.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal string? OnJoined(in JoinedFrame joined)
    {
        string name = Encoding.UTF8.GetString(joined.Name);
        if (!_byName.TryGetValue(name, out ClientRoom? room) || room.Number != 0)
        {
            return "JOINED for a room that was not asked for";
        }

        if (joined.Room == 0 || !_byNumber.TryAdd(joined.Room, room))
        {
            return $"JOINED with the number {joined.Room}, which is taken";
        }

        (uint, ulong) key = (joined.Room, joined.Epoch);
        if (!_firstNewest.TryGetValue(key, out long floor))
        {
            floor = (long)joined.Newest;
            _firstNewest.Add(key, floor);
        }

        return room.OnJoined(joined, floor);
    }

    internal string? OnParted(in PartedFrame parted)
    {
        var reason = (DisconnectReason)parted.Code;
        string text = TextRules.SanitizeToLine(parted.Text);
        if (parted.Room == 0)
        {
            string name = Encoding.UTF8.GetString(parted.Name);
            if (!_byName.TryGetValue(name, out ClientRoom? asked) || asked.Number != 0)
            {
                return "a refusal of a room that was not asked for";
            }

            _byName.Remove(name);
            asked.End(reason, text);
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
                return (room, room.IsLeaving);
            }

            room = new ClientRoom(this, _flow, _sends, _myName, name, _options.MaxBufferedEvents);
            _byName.Add(name, room);
            _flow.Await();

            // At least one: our own `joined` is the newest entry then, and comes along.
            ushort replay = (ushort)Math.Max(1, _options.ReplayEntries);
            new JoinFrame { Replay = replay, Room = asked }.WriteTo(_output.Writer);
            _output.Flush();
            return (room, false);
        }
    }
}
