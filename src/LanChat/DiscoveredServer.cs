using System.Net;

namespace LanChat;

/// <summary>How far a server that was found is known.</summary>
public enum DiscoveredTrust
{
    /// <summary>A server whose key this user has met before.</summary>
    Known,

    /// <summary>A key this user has not met, under a name that nobody else has.</summary>
    New,

    /// <summary>A key this user has not met, under the name of a known server or of another that is in sight (or one that looks like it). It may be an impostor: show it
    /// apart, with its <see cref="ServerId.Fingerprint"/>, and never choose it for the user.</summary>
    NameClash,
}

/// <summary>A server that answered on the local network.</summary>
/// <remarks>The answer was signed by the key that <see cref="Id"/> names, so the rest is what that server says of itself. It is a hint where to connect and no more: who
/// answers at an endpoint is proved by the connection. The texts are a stranger's; they were sanitized and have one line each.</remarks>
public sealed record DiscoveredServer
{
    /// <summary>Gets who it is.</summary>
    public required ServerId Id { get; init; }

    /// <summary>Gets what it calls itself; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gets what it is about; may be empty.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Gets where to connect, at least one: the addresses its answers came from, those that are likeliest to work first. A link-local IPv6 address has its scope.</summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    /// <summary>Gets how many members it has.</summary>
    public int Members { get; init; }

    /// <summary>Gets how many members it takes; 0 when it does not say.</summary>
    public int MaxMembers { get; init; }

    /// <summary>Gets whether it lets nobody in without a code.</summary>
    public bool NeedsJoinCode { get; init; }

    /// <summary>Gets whether it has no place left.</summary>
    public bool IsFull { get; init; }

    /// <summary>Gets the UDP port for messages, or 0.</summary>
    public int UdpPort { get; init; }

    /// <summary>Gets the port for browsers, or 0.</summary>
    public int WebPort { get; init; }

    /// <summary>Gets a number that rises each time the server starts.</summary>
    public uint Epoch { get; init; }

    /// <summary>Gets how far it is known.</summary>
    public DiscoveredTrust Trust { get; init; }

    /// <summary>Gets when it last answered.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>Gets the first endpoint together with who must answer there.</summary>
    public ServerAddress Address => new(EndPoints[0].Address.ToString(), EndPoints[0].Port, Id);

    /// <summary>Gets whether it says the same as another answer: all but when it was seen.</summary>
    internal bool SaysTheSameAs(DiscoveredServer other) =>
        EndPoints.SequenceEqual(other.EndPoints) && this with { EndPoints = other.EndPoints, LastSeen = other.LastSeen } == other;
}
