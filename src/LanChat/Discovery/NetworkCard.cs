using System.Net;
using System.Net.Sockets;

namespace LanChat.Discovery;

/// <summary>An address of a network interface, and how many of its first bits its network shares.</summary>
internal readonly record struct CardAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Gets the address that reaches everyone on the network; null for IPv6, and for networks of one or two addresses, which have none.</summary>
    internal IPAddress? Broadcast
    {
        get
        {
            if (Address.AddressFamily != AddressFamily.InterNetwork || PrefixLength > 30)
            {
                return null;
            }

            byte[] bytes = Address.GetAddressBytes();
            for (int bit = PrefixLength; bit < 32; bit++)
            {
                bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
            }

            return new IPAddress(bytes);
        }
    }

    /// <summary>Says whether an address is on this one's network.</summary>
    internal bool Reaches(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
        {
            return false;
        }

        Span<byte> mine = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        Address.TryWriteBytes(mine, out int length);
        other.TryWriteBytes(theirs, out _);
        int whole = Math.Min(PrefixLength / 8, length);
        int rest = PrefixLength % 8;
        return mine[..whole].SequenceEqual(theirs[..whole])
            && (rest == 0 || whole == length || (mine[whole] ^ theirs[whole]) >> (8 - rest) == 0);
    }
}

/// <summary>A network interface that discovery uses.</summary>
/// <param name="Name">The system's name for it.</param>
/// <param name="Index">The system's number for it, by which packets say where they came in.</param>
/// <param name="IsLoopback">Whether it leads to this machine alone.</param>
/// <param name="Addresses">Its addresses.</param>
internal sealed record NetworkCard(string Name, int Index, bool IsLoopback, IReadOnlyList<CardAddress> Addresses)
{
    internal bool Has(AddressFamily family) => Addresses.Any(address => address.Address.AddressFamily == family);

    public bool Equals(NetworkCard? other) =>
        other is not null && (Name, Index, IsLoopback) == (other.Name, other.Index, other.IsLoopback) && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => Index;

    /// <summary>Says whether a packet is a neighbour's: it came in where we listen, and its sender is on a network of ours. Everybody else could only make us send where we
    /// should not.</summary>
    /// <param name="cards">The interfaces in use.</param>
    /// <param name="source">The packet's sender.</param>
    /// <param name="index">The interface on which it came in.</param>
    /// <param name="isKnownCard">False when that interface is none of them; it may be new.</param>
    internal static bool IsNeighbour(IReadOnlyList<NetworkCard> cards, IPAddress source, int index, out bool isKnownCard)
    {
        NetworkCard? card = cards.FirstOrDefault(card => card.Index == index);
        isKnownCard = card is not null;
        if (card is null || !card.Has(source.AddressFamily))
        {
            return false;
        }

        return IsOnLink(cards, source);
    }

    /// <summary>Says whether an address is on a network of these interfaces.</summary>
    internal static bool IsOnLink(IReadOnlyList<NetworkCard> cards, IPAddress address)
    {
        foreach (NetworkCard card in cards)
        {
            if (address.IsIPv6LinkLocal ? !card.IsLoopback : card.Addresses.Any(own => own.Reaches(address)))
            {
                return true;
            }
        }

        return false;
    }
}
