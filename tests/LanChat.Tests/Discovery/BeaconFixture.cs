using System.Buffers.Binary;
using System.Net;
using LanChat.Discovery;

namespace LanChat.Tests.Discovery;

/// <summary>Datagrams as a server would send them, and ways to spoil them.</summary>
internal static class BeaconFixture
{
    internal static readonly BeaconContent Den = new()
    {
        Name = "Den"u8.ToArray(),
        Topic = "tea"u8.ToArray(),
        ChatPort = 9090,
        UdpPort = 9091,
        Members = 3,
        MaxMembers = 500,
        ExtraAddresses = [IPAddress.Parse("192.0.2.7")],
    };

    internal static byte[] Write(
        ServerIdentity identity, BeaconType type = BeaconType.Reply, uint epoch = 1, uint sequence = 1, ulong nonce = 0, BeaconContent? content = null) =>
        BeaconWriter.Sign(type, identity, epoch, sequence, nonce, type == BeaconType.Goodbye ? TimeSpan.Zero : Announcer.Lifetime, content ?? Den);

    /// <summary>Replaces the signature by one of any key over what is there.</summary>
    internal static byte[] SignAgain(byte[] datagram, ServerIdentity identity)
    {
        byte[] copy = [.. datagram];
        int signed = copy.Length - ServerIdentity.SignatureBytes - BeaconLayout.FieldHeaderBytes;
        identity.Sign(copy.AsSpan(0, signed), copy.AsSpan(copy.Length - ServerIdentity.SignatureBytes));
        return copy;
    }

    /// <summary>Puts a field in front of the others.</summary>
    internal static byte[] WithField(byte[] datagram, byte type, params byte[] value) =>
    [
        .. datagram[..BeaconLayout.HeaderBytes], type, (byte)value.Length, .. value, .. datagram[BeaconLayout.HeaderBytes..],
    ];

    internal static byte[] WithU16(byte[] datagram, int at, int value)
    {
        byte[] copy = [.. datagram];
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(at), (ushort)value);
        return copy;
    }

    internal static BeaconDefect Read(byte[] datagram) => BeaconPacket.TryRead(datagram, out _);

    internal static bool IsGenuine(byte[] datagram) =>
        BeaconPacket.TryRead(datagram, out BeaconPacket packet) == BeaconDefect.None && BeaconSignature.IsGenuine(packet);
}
