using System.Net;
using LanChat.Transport;

namespace LanChat.Sessions;

/// <summary>One wait of a session for its client to come back.</summary>
/// <param name="session">The session.</param>
/// <param name="link">The link of the connection that it lost.</param>
/// <param name="since">When: a timestamp.</param>
internal sealed class Detachment(Session session, Link link, long since)
{
    internal Session Session => session;

    internal long Since => since;

    /// <summary>Gets where its client was; null when it was on this machine, which no limit per address counts, or nowhere.</summary>
    internal SourceAddress? Source { get; } = link.Source;

    /// <summary>Gets where that was, for a ban; null on this machine, or nowhere.</summary>
    internal IPAddress? Address { get; } = link.RemoteAddress;

    /// <summary>Its place among all, and among those of its address; kept by <see cref="DetachedSessions"/>.</summary>
    internal LinkedListNode<Detachment>? Place { get; set; }

    /// <inheritdoc cref="Place"/>
    internal LinkedListNode<Detachment>? PlaceOfAddress { get; set; }

    /// <summary>By when the client must be back: a timestamp.</summary>
    internal long Due { get; set; }
}
