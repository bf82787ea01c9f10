using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using LanChat.Connections;
using LanChat.Text;

namespace LanChat.Sessions;

/// <summary>The sessions of a server, by number and by name. Names are unique by their comparison key. Any thread may call it: sessions of
/// several loops meet here, and only when one starts, ends or changes its name.</summary>
internal sealed class SessionTable(int maxSessions, Bans bans)
{
    // Under itself: asked only at a HELLO that names a session, and when a direct message was refused.
    private readonly Dictionary<ulong, Session> _byId = [];
    private readonly ConcurrentDictionary<string, Session> _byName = new(StringComparer.Ordinal);
    private int _count;
    private int _guests;

    /// <summary>Gets how many sessions there are.</summary>
    internal int Count => Volatile.Read(ref _count);

    internal IEnumerable<Session> All => _byName.Values;

    /// <summary>Starts a session on a connection under a name, or under <c>guest-N</c> when it asks for none.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="name">The name; null if it asks for none.</param>
    /// <param name="attempt">The number of the client's attempt.</param>
    /// <param name="refusal">Why not.</param>
    /// <returns>Null, with the reason in <paramref name="refusal"/>, when the server is full, or the name is taken or banned.</returns>
    internal Session? TryStart(ServerConnection connection, SessionName? name, uint attempt, out DisconnectReason refusal)
    {
        // Counted before anything is made, so that two starts at once cannot both take the last place.
        if (Interlocked.Increment(ref _count) > maxSessions)
        {
            Interlocked.Decrement(ref _count);
            refusal = DisconnectReason.ServerFull;
            return null;
        }

        var session = new Session(NewId(), connection, attempt);
        if (name is null)
        {
            ClaimGuestName(session);
        }
        else if (Claim(name, session) is var taken && taken != default)
        {
            Interlocked.Decrement(ref _count);
            refusal = taken;
            return null;
        }
        else
        {
            session.Name = name;
        }

        Interleave.Point(Access.Change, _byId);
        lock (_byId)
        {
            _byId[session.Id] = session;
        }

        refusal = default;
        return session;
    }

    /// <summary>Gives a session another name. The old one stays taken until <see cref="ReleaseOld"/>: its rooms are told between the two, for whoever came there under it before that would be taken
    /// for the one who leaves it.</summary>
    /// <returns>0, or why not: it is taken, or banned.</returns>
    internal DisconnectReason Rename(Session session, SessionName name)
    {
        if (session.Name.Key != name.Key && Claim(name, session) is var refusal && refusal != default)
        {
            return refusal;
        }

        session.Name = name;
        return default;
    }

    /// <summary>Frees the name that a session had before <see cref="Rename"/>.</summary>
    internal void ReleaseOld(Session session, SessionName old)
    {
        if (old.Key != session.Name.Key)
        {
            Release(old, session);
        }
    }

    /// <summary>Ends a session: its name is free at once. Called once per session.</summary>
    internal void Remove(Session session)
    {
        Interleave.Point(Access.Change, _byId);
        lock (_byId)
        {
            _byId.Remove(session.Id);
        }

        Release(session.Name, session);
        Interlocked.Decrement(ref _count);
    }

    internal Session? Find(ulong id)
    {
        Interleave.Point(Access.Read, _byId);
        lock (_byId)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>Finds the session with a name, given as its comparison key.</summary>
    internal Session? FindByName(string key)
    {
        Interleave.Point(Access.Read, _byName);
        return _byName.GetValueOrDefault(key);
    }

    /// <summary>Finds the session with a name as somebody wrote it: also one that nobody may take, then there is none. A name in ASCII costs no memory.</summary>
    internal Session? FindByName(ReadOnlySpan<byte> name)
    {
        Interleave.Point(Access.Read, _byName);
        Span<char> key = stackalloc char[NameRule.MaxGraphemes];
        return !NameKey.TryWriteAscii(name, key) ? FindByName(SessionNames.KeyOf(name))
            : _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key[..name.Length], out Session? session) ? session
            : null;
    }

    // In this order: whoever bans a name notes the ban first and then looks whose name it is, so that one of the two sees the other.
    private DisconnectReason Claim(SessionName name, Session session)
    {
        Interleave.Point(Access.Change, _byName);
        if (!_byName.TryAdd(name.Key, session))
        {
            return DisconnectReason.NameInUse;
        }

        if (!bans.Has(name.Key))
        {
            return default;
        }

        Release(name, session);
        return DisconnectReason.Banned;
    }

    private void Release(SessionName name, Session session)
    {
        Interleave.Point(Access.Change, _byName);
        _byName.TryRemove(KeyValuePair.Create(name.Key, session));
    }

    private void ClaimGuestName(Session session)
    {
        while (true)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"guest-{Interlocked.Increment(ref _guests)}");
            if (SessionNames.TryCreate(text, out SessionName? name) && Claim(name, session) == default)
            {
                session.Name = name;
                return;
            }
        }
    }

    private static ulong NewId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong id;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            id = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        while (id == 0);

        return id;
    }
}
