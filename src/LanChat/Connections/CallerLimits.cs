using System.Runtime.InteropServices;
using LanChat.Transport;

namespace LanChat.Connections;

/// <summary>Bounds the links of callers nobody knows yet: how many from one address, and how many in all that have not been welcomed. Any thread may call it. Links from this machine
/// are not counted.</summary>
/// <remarks>
/// <para>When too many wait for their welcome, the address that has most of them gives up its oldest. To refuse the newest instead would let a few addresses that open links and stall
/// keep everybody out; to end the oldest of all would end those who are nearly in when many come back at once. So whoever stalls is in its own way only, and a caller that has
/// one link loses it to nobody.</para>
/// <para>What is remembered is bounded by the links there are: an address is forgotten with its last one.</para>
/// </remarks>
internal sealed class CallerLimits(ChatServerOptions options)
{
    /// <summary>How many links of one address beyond the limit are let in far enough to be told so in their own language.</summary>
    private const int MaxRefusalsPerAddress = 8;

    /// <summary>The same for all addresses together, when too many wait for their welcome.</summary>
    private const int MaxRefusals = 64;

    private readonly Lock _gate = new();

    // Under the gate.
    private readonly Dictionary<SourceAddress, Caller> _callers = [];
    private int _unwelcomed;

    /// <summary>What becomes of a new link.</summary>
    internal enum Verdict
    {
        /// <summary>It may stay.</summary>
        Taken,

        /// <summary>Its address has too many; it is to be told so.</summary>
        TooManyOfAddress,

        /// <summary>Too many have not been welcomed; it is to be told so.</summary>
        TooManyUnwelcomed,

        /// <summary>Even those of its address that are told so are too many: it is to be reset, and is not counted.</summary>
        DroppedOfAddress,

        /// <summary>Even those that have not been welcomed and are told so are too many: it is to be reset, and is not counted.</summary>
        DroppedUnwelcomed,
    }

    /// <summary>Takes note of a new link.</summary>
    /// <param name="connection">The link's connection, not on its loop yet.</param>
    /// <param name="givesWay">Who is to be ended for it.</param>
    internal Verdict Add(ServerConnection connection, out ServerConnection? givesWay)
    {
        givesWay = null;
        if (connection.Link.Source is not { } source)
        {
            return Verdict.Taken;
        }

        lock (_gate)
        {
            ref Caller? caller = ref CollectionsMarshal.GetValueRefOrAddDefault(_callers, source, out _);
            caller ??= new Caller();
            if (caller.Links >= options.MaxConnectionsPerAddress + MaxRefusalsPerAddress)
            {
                return Verdict.DroppedOfAddress;
            }

            if (_unwelcomed >= options.MaxUnwelcomed)
            {
                givesWay = TakeOldestOfMost(caller);
                if (givesWay is null && _unwelcomed >= options.MaxUnwelcomed + MaxRefusals)
                {
                    Forget(source, caller);
                    return Verdict.DroppedUnwelcomed;
                }
            }

            caller.Links++;
            caller.Unwelcomed.Add(connection);
            _unwelcomed++;
            return caller.Links > options.MaxConnectionsPerAddress ? Verdict.TooManyOfAddress
                : _unwelcomed > options.MaxUnwelcomed ? Verdict.TooManyUnwelcomed
                : Verdict.Taken;
        }
    }

    /// <summary>A link is known by a session now, or about to go on with one.</summary>
    internal void Welcome(ServerConnection connection)
    {
        if (connection.Link.Source is { } source)
        {
            lock (_gate)
            {
                RemoveUnwelcomed(_callers[source], connection);
            }
        }
    }

    /// <summary>A link that was taken, refused or welcomed is closed.</summary>
    internal void Remove(ServerConnection connection)
    {
        if (connection.Link.Source is { } source)
        {
            lock (_gate)
            {
                Caller caller = _callers[source];
                RemoveUnwelcomed(caller, connection);
                caller.Links--;
                Forget(source, caller);
            }
        }
    }

    // The newcomer counts for its address, so that one that already has a link here does not push another's aside.
    private ServerConnection? TakeOldestOfMost(Caller newcomer)
    {
        Caller most = newcomer;
        foreach (Caller caller in _callers.Values)
        {
            most = caller.Unwelcomed.Count > most.Unwelcomed.Count ? caller : most;
        }

        if (most.Unwelcomed.Count < (most == newcomer ? 1 : 2))
        {
            return null;
        }

        ServerConnection oldest = most.Unwelcomed[0];
        RemoveUnwelcomed(most, oldest);
        return oldest;
    }

    private void RemoveUnwelcomed(Caller caller, ServerConnection connection) => _unwelcomed -= caller.Unwelcomed.Remove(connection) ? 1 : 0;

    private void Forget(SourceAddress source, Caller caller)
    {
        if (caller.Links == 0)
        {
            _callers.Remove(source);
        }
    }

    /// <summary>One address.</summary>
    private sealed class Caller
    {
        internal int Links;

        /// <summary>Those of its links that have not been welcomed, the oldest first. Few: at most the limit per address and the refusals.</summary>
        internal readonly List<ServerConnection> Unwelcomed = [];
    }
}
