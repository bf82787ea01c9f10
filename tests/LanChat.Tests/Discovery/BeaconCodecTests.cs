using System.Globalization;
using System.Net;
using LanChat.Discovery;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Discovery datagrams byte by byte: what is written, what is read, and what is dropped.</summary>
public sealed class BeaconCodecTests : IDisposable
{
    private readonly ServerIdentity _identity = ServerIdentity.Create();

    public void Dispose() => _identity.Dispose();

    [Fact]
    public void A_solicit_is_a_header_with_a_nonce_filled_up_with_zeros()
    {
        byte[] expected = new byte[512];
        "LCB1"u8.CopyTo(expected);
        expected[4] = 2;
        Convert.FromHexString("0102030405060708").CopyTo(expected, 48);
        expected[67] = 1;

        byte[] solicit = BeaconWriter.Solicit(0x0102030405060708);

        Assert.Equal(expected, solicit);
        Assert.Equal(BeaconDefect.None, BeaconPacket.TryRead(solicit, out BeaconPacket packet));
        Assert.Equal((BeaconType.Solicit, 0x0102030405060708UL), (packet.Type, packet.Nonce));
    }

    [Fact]
    public void A_reply_has_every_number_and_field_in_its_place()
    {
        byte[] id = new byte[ServerId.Bytes];
        _identity.Id.WriteTo(id);
        string expected = "4C434231" + "03" + "04" + "005A" + Convert.ToHexString(id) + "00000005" + "00000007" + "1122334455667788"
            + "2382" + "0000" + "2383" + "0003" + "01F4" + "0001"
            + "0103" + "44656E" + "0203" + "746561" + "0304" + "C0000207" + "A040" + Convert.ToHexString(_identity.PublicKey) + "A140";

        byte[] reply = BeaconFixture.Write(_identity, epoch: 5, sequence: 7, nonce: 0x1122334455667788);

        Assert.Equal(expected, Convert.ToHexString(reply.AsSpan(0, reply.Length - 64)));
        Assert.True(BeaconFixture.IsGenuine(reply));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        byte[] reply = BeaconFixture.Write(_identity, BeaconType.Announce, epoch: uint.MaxValue, sequence: 9, content: BeaconFixture.Den with
        {
            Members = 70_000,
            MaxMembers = 70_000,
            NeedsJoinCode = true,
            WebPort = 8080,
            ExtraAddresses = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")],
        });

        Assert.Equal(BeaconDefect.None, BeaconPacket.TryRead(reply, out BeaconPacket packet));
        Assert.Equal((BeaconType.Announce, uint.MaxValue, 9u), (packet.Type, packet.Epoch, packet.Sequence));
        Assert.Equal((9090, 8080, 9091), (packet.ChatPort, packet.WebPort, packet.UdpPort));
        Assert.Equal((ushort.MaxValue, ushort.MaxValue, 90), (packet.Members, packet.MaxMembers, packet.LifetimeSeconds));
        Assert.Equal(BeaconFlags.NeedsJoinCode | BeaconFlags.IsFull | BeaconFlags.HasUdp | BeaconFlags.HasWeb, packet.Flags);
        Assert.Equal("Den"u8, packet.Name);
        Assert.Equal("tea"u8, packet.Topic);
        Assert.Equal([IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")], packet.ExtraAddresses());
    }

    [Fact]
    public void The_longest_content_fits_into_a_datagram()
    {
        byte[] reply = BeaconFixture.Write(_identity, content: BeaconFixture.Den with
        {
            Name = new byte[48],
            Topic = new byte[48],
            ExtraAddresses = [.. Enumerable.Repeat(IPAddress.IPv6Loopback, 4)],
        });

        Assert.InRange(reply.Length, 1, BeaconLayout.MaxBytes);
        Assert.Equal(BeaconDefect.None, BeaconFixture.Read(reply));
    }

    [Fact]
    public void The_id_of_a_key_is_that_of_its_certificate() => Assert.Equal(_identity.Id, BeaconSignature.IdOf(_identity.PublicKey));

    [Fact]
    [HostileInput(19, "beacon cut at each length")]
    public void A_datagram_that_is_cut_off_anywhere_is_not_taken()
    {
        byte[] reply = BeaconFixture.Write(_identity);
        for (int length = 0; length < reply.Length; length++)
        {
            Assert.NotEqual(BeaconDefect.None, BeaconFixture.Read(reply[..length]));
        }
    }

    [Fact]
    public void What_follows_the_signature_is_not_taken()
    {
        byte[] reply = BeaconFixture.Write(_identity);

        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read([.. reply, 0]));
        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read([.. reply, 0, 0]));
        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read([.. reply, 0x01, 1, (byte)'x']));
    }

    [Fact]
    [HostileInput(19, "beacon field critical and unknown")]
    public void An_unknown_field_is_skipped_unless_it_is_critical()
    {
        byte[] reply = BeaconFixture.Write(_identity);

        Assert.True(BeaconFixture.IsGenuine(BeaconFixture.SignAgain(BeaconFixture.WithField(reply, 0x7F, 1, 2, 3), _identity)));
        Assert.Equal(BeaconDefect.UnknownCriticalField, BeaconFixture.Read(BeaconFixture.WithField(reply, 0x80, 1, 2, 3)));
        Assert.Equal(BeaconDefect.UnknownCriticalField, BeaconFixture.Read(BeaconFixture.WithField(reply, 0xFF)));
    }

    [Theory]
    [InlineData(0x01, 1)]
    [InlineData(0x02, 0)]
    [InlineData(0xA0, 64)]
    [InlineData(0xA1, 64)]
    [InlineData(0x03, 5)]
    [HostileInput(19, "beacon field twice", "beacon field beyond the end")]
    public void A_field_that_comes_twice_or_has_a_wrong_length_drops_the_datagram(byte type, int length) =>
        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read(BeaconFixture.WithField(BeaconFixture.Write(_identity), type, new byte[length])));

    [Fact]
    public void Too_many_addresses_and_too_long_names_drop_the_datagram()
    {
        byte[] reply = BeaconFixture.Write(_identity, content: BeaconFixture.Den with { ExtraAddresses = [.. Enumerable.Repeat(IPAddress.Loopback, 4)] });

        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read(BeaconFixture.WithField(reply, 0x03, 1, 2, 3, 4)));
        Assert.Equal(BeaconDefect.BadField, BeaconFixture.Read(BeaconFixture.WithField(BeaconWriter.Solicit(1)[..100], 0x01, new byte[49])));
    }

    [Fact]
    [HostileInput(19, "beacon with port 0")]
    public void A_server_without_port_lifetime_key_or_signature_is_not_taken()
    {
        byte[] reply = BeaconFixture.Write(_identity);

        Assert.Equal(BeaconDefect.Incomplete, BeaconFixture.Read(BeaconFixture.WithU16(reply, BeaconLayout.ChatPortAt, 0)));
        Assert.Equal(BeaconDefect.Incomplete, BeaconFixture.Read(BeaconFixture.WithU16(reply, BeaconLayout.LifetimeAt, 0)));
        Assert.Equal(BeaconDefect.Incomplete, BeaconFixture.Read(BeaconFixture.WithU16(BeaconFixture.Write(_identity, BeaconType.Goodbye), BeaconLayout.LifetimeAt, 90)));
        Assert.Equal(BeaconDefect.Incomplete, BeaconFixture.Read(reply[..^66]));
        Assert.Equal(BeaconDefect.Incomplete, BeaconFixture.Read([.. reply[..^132], .. reply[^66..]]));
    }

    [Fact]
    public void A_server_of_a_newer_protocol_is_not_taken_but_a_client_of_one_is_answered()
    {
        int newer = FrameLimits.Version + 1;

        Assert.Equal(BeaconDefect.Version, BeaconFixture.Read(BeaconFixture.WithU16(BeaconFixture.Write(_identity), BeaconLayout.MinProtocolAt, newer)));
        Assert.Equal(BeaconDefect.Version, BeaconFixture.Read(BeaconFixture.WithU16(BeaconFixture.Write(_identity, BeaconType.Announce), BeaconLayout.MinProtocolAt, newer)));
        Assert.Equal(BeaconDefect.None, BeaconFixture.Read(BeaconFixture.WithU16(BeaconFixture.Write(_identity), BeaconLayout.MinProtocolAt, 0)));
        Assert.Equal(BeaconDefect.None, BeaconFixture.Read(BeaconFixture.WithU16(BeaconWriter.Solicit(1), BeaconLayout.MinProtocolAt, newer)));
    }

    [Theory]
    [InlineData(0, BeaconDefect.UnknownType)]
    [InlineData(5, BeaconDefect.UnknownType)]
    [InlineData(255, BeaconDefect.UnknownType)]
    public void A_type_of_another_version_is_not_taken(byte type, object defect)
    {
        byte[] reply = BeaconFixture.Write(_identity);
        reply[BeaconLayout.TypeAt] = type;

        Assert.Equal(defect, BeaconFixture.Read(reply));
    }

    [Fact]
    [HostileInput(19, "beacon of 65,507 bytes")]
    public void Other_programs_datagrams_are_foreign()
    {
        Assert.Equal(BeaconDefect.Foreign, BeaconFixture.Read([]));
        Assert.Equal(BeaconDefect.Foreign, BeaconFixture.Read("response"u8.ToArray()));
        Assert.Equal(BeaconDefect.Foreign, BeaconFixture.Read(new byte[512]));
        Assert.Equal(BeaconDefect.Foreign, BeaconFixture.Read([.. BeaconWriter.Solicit(1), 0]));
        Assert.Equal(BeaconDefect.Foreign, BeaconFixture.Read(new byte[65_507]));
    }

    [Fact]
    [HostileInput(19, "beacon with a bad signature", "beacon with another id")]
    public void A_signature_by_another_key_or_under_another_id_is_no_signature()
    {
        using ServerIdentity other = ServerIdentity.Create();
        byte[] reply = BeaconFixture.Write(_identity);
        byte[] stolen = [.. reply];
        other.Id.WriteTo(stolen.AsSpan(BeaconLayout.IdAt));
        byte[] notOnTheCurve = [.. reply];
        notOnTheCurve[^70] ^= 1;

        Assert.False(BeaconFixture.IsGenuine(BeaconFixture.SignAgain(reply, other)));
        Assert.False(BeaconFixture.IsGenuine(BeaconFixture.SignAgain(stolen, _identity)));
        Assert.False(BeaconFixture.IsGenuine(BeaconFixture.SignAgain(notOnTheCurve, _identity)));
    }

    [Fact]
    public void No_changed_bit_is_taken_for_genuine()
    {
        byte[] reply = BeaconFixture.Write(_identity);
        for (int bit = 0; bit < reply.Length * 8; bit++)
        {
            byte[] changed = [.. reply];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.False(BeaconFixture.IsGenuine(changed), bit.ToString(CultureInfo.InvariantCulture));
        }
    }
}
