using LanChat.Discovery;
using LanChat.Tests.Discovery;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class BeaconFuzzTests
{
    [Fact]
    [HostileInput(38, "a million mutations of a beacon")]
    public void No_datagram_makes_the_reader_throw_allocate_or_read_outside()
    {
        using ServerIdentity identity = ServerIdentity.Create();
        byte[] reply = BeaconFixture.Write(identity);
        var corpus = new Corpus(
            [
                reply, BeaconFixture.Write(identity, BeaconType.Announce), BeaconFixture.Write(identity, BeaconType.Goodbye), BeaconWriter.Solicit(7),
                BeaconFixture.WithField(reply, 0x05, 1, 2, 3), BeaconFixture.WithField(reply, 0x03, new byte[16]),
            ],
            [1, 3, .. "Tea"u8], [3, 4, 192, 0, 2, 1], [0xA2, 0], [0, 0]);
        int taken = 0;

        Fuzz.Check(corpus, datagram =>
        {
            if (BeaconPacket.TryRead(datagram, out BeaconPacket packet) != BeaconDefect.None)
            {
                return packet.Signed.IsEmpty && packet.Name.IsEmpty ? null : "something of a datagram with a defect was taken";
            }

            taken++;
            bool isInside = packet.Name.Length <= BeaconLayout.MaxNameBytes && packet.Topic.Length <= BeaconLayout.MaxTopicBytes && packet.Signed.Length <= datagram.Length;
            bool isSigned = packet.Type == BeaconType.Solicit || (packet.Signed.Length == datagram.Length - 66 && packet.PublicKey.Length == 64 && packet.ChatPort != 0);
            return isInside && isSigned ? null : "it says more than it may";
        });

        Assert.NotEqual(0, taken);
    }

    /// <summary>A datagram in its own right may still have a key that is none and a signature of anything.</summary>
    [Fact]
    public void No_key_and_signature_make_the_check_throw_and_a_changed_datagram_is_not_genuine()
    {
        using ServerIdentity identity = ServerIdentity.Create();
        byte[] reply = BeaconFixture.Write(identity);

        Fuzz.Check(new Corpus([reply]), datagram =>
        {
            if (BeaconPacket.TryRead(datagram, out BeaconPacket packet) != BeaconDefect.None || packet.Type == BeaconType.Solicit)
            {
                return null;
            }

            _ = packet.ExtraAddresses();
            return BeaconSignature.IsGenuine(packet) == datagram.SequenceEqual(reply) ? null : "it is taken for what it is not";
        }, Fuzz.AnyAllocation);
    }
}
