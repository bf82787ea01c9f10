using System.Buffers.Binary;
using System.Net;
using LanChat.Discovery;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>A browser on a network of forgers, recorders and flooders; in memory and fake time.</summary>
public sealed class HostileLanTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void An_announcement_puts_nothing_on_the_list()
    {
        Browser browser = _lan.StartBrowser();
        using ServerIdentity identity = ServerIdentity.Create();
        SendToAll(BeaconFixture.Write(identity, BeaconType.Announce), "192.0.2.66");
        _lan.Advance(3);

        Assert.Empty(browser.Servers);
    }

    [Fact]
    public void Only_an_answer_with_the_nonce_of_an_own_question_of_late_counts()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity identity = _lan.NewIdentity();
        _lan.Answer(nonce => BeaconFixture.Write(identity, nonce: nonce + 1), "192.0.2.66");
        _lan.Advance(0.1);
        Assert.Empty(browser.Servers);

        byte[]? late = null;
        _lan.Answer(nonce => BeaconFixture.Write(identity, BeaconType.Announce, nonce: nonce), "192.0.2.66");
        _lan.Answer(nonce => late = BeaconFixture.Write(identity, nonce: nonce), "198.51.100.9");
        _lan.Crash(_lan.NewHost());
        _lan.Advance(0.1);
        Assert.Single(browser.Servers);
        Assert.NotNull(late);

        // Once it has expired the recorded answer does not bring it back.
        _lan.Advance(95);
        Assert.Empty(browser.Servers);
        IPEndPoint asker = _lan.Lan.Sent[0].From;
        _lan.Lan.Send(late, IPEndPoint.Parse("192.0.2.66:5005"), asker);
        _lan.Advance(1);
        Assert.Empty(browser.Servers);
    }

    [Fact]
    public void A_bad_signature_another_key_and_another_id_do_not_count()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity real = _lan.NewIdentity();
        ServerIdentity forger = _lan.NewIdentity();
        _lan.Answer(nonce => BeaconFixture.SignAgain(BeaconFixture.Write(real, nonce: nonce), forger), "192.0.2.66");
        _lan.Answer(
            nonce =>
            {
                byte[] datagram = BeaconFixture.Write(forger, nonce: nonce);
                real.Id.WriteTo(datagram.AsSpan(BeaconLayout.IdAt));
                return BeaconFixture.SignAgain(datagram, forger);
            },
            "192.0.2.66");
        _lan.Advance(0.1);

        Assert.Empty(browser.Servers);
    }

    [Fact]
    [HostileInput(19, "beacon of an earlier sequence or epoch")]
    public void A_lower_epoch_and_an_old_sequence_do_not_count()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity identity = _lan.NewIdentity();
        void Answer(uint epoch, uint sequence, int members)
        {
            _lan.Answer(nonce => BeaconFixture.Write(identity, epoch: epoch, sequence: sequence, nonce: nonce, content: BeaconFixture.Den with { Members = members }), "192.0.2.9");
            _lan.Advance(0.01);
        }

        Answer(epoch: 10, sequence: 10, members: 1);
        Answer(epoch: 9, sequence: 99, members: 2);
        Answer(epoch: 10, sequence: 9, members: 3);
        Answer(epoch: 10, sequence: 10, members: 4);
        Assert.Equal(1, Assert.Single(browser.Servers).Members);
        Answer(epoch: 10, sequence: 11, members: 5);
        Assert.Equal(5, Assert.Single(browser.Servers).Members);
        Answer(epoch: 11, sequence: 1, members: 6);
        Assert.Equal(6, Assert.Single(browser.Servers).Members);
    }

    [Fact]
    public void Nobody_stays_on_the_list_for_long_by_one_answer()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity identity = _lan.NewIdentity();
        _lan.Answer(
            nonce => BeaconFixture.SignAgain(BeaconFixture.WithU16(BeaconFixture.Write(identity, nonce: nonce), BeaconLayout.LifetimeAt, ushort.MaxValue), identity), "192.0.2.9");
        _lan.Advance(299);
        Assert.Single(browser.Servers);
        _lan.Advance(2);

        Assert.Empty(browser.Servers);
    }

    [Fact]
    [HostileInput(20)]
    public void A_forged_or_recorded_goodbye_does_nothing()
    {
        ServerIdentity identity = _lan.NewIdentity();
        ServerIdentity forger = _lan.NewIdentity();
        _lan.StartServer("Den", identity: identity);
        Browser browser = _lan.StartBrowser();
        _lan.Advance(10);
        uint epoch = Assert.Single(browser.Servers).Epoch;
        int rounds = browser.Rounds;

        SendToAll(BeaconFixture.SignAgain(BeaconFixture.Write(identity, BeaconType.Goodbye, epoch, 1_000_000), forger), "192.0.2.1");
        SendToAll(BeaconFixture.Write(identity, BeaconType.Goodbye, epoch - 1, 1_000_000), "192.0.2.1");
        SendToAll(BeaconFixture.Write(identity, BeaconType.Goodbye, epoch, 1), "192.0.2.1");
        _lan.Advance(4);

        Assert.Single(browser.Servers);
        Assert.Equal(rounds, browser.Rounds);
    }

    [Fact]
    public void A_flood_of_announcements_is_no_flood_of_questions()
    {
        Browser browser = _lan.StartBrowser();
        _lan.Advance(10);
        int rounds = browser.Rounds;
        using ServerIdentity identity = ServerIdentity.Create();
        byte[] announcement = BeaconFixture.Write(identity, BeaconType.Announce);
        for (int i = 0; i < 10_000; i++)
        {
            SendToAll(announcement, $"192.0.2.{1 + (i % 254)}");
            _lan.Advance(0.001);
        }

        Assert.InRange(browser.Rounds - rounds, 9, 13);
    }

    [Fact]
    [HostileInput(21)]
    public void Ten_thousand_invented_servers_stay_in_bounds_and_known_ones_get_in()
    {
        ServerIdentity known = _lan.NewIdentity();
        Browser browser = _lan.StartBrowser(options => options with { Known = [(known.Id, "Den")], MaxServers = 64, MaxServersPerAddress = 16 });

        // Some have keys of their own, the others an id that nobody has.
        ServerIdentity[] real = [.. Enumerable.Range(0, 90).Select(_ => _lan.NewIdentity())];
        byte[] datagram = BeaconFixture.Write(real[0]);
        for (int i = 0; i < 10_000; i++)
        {
            uint sequence = (uint)i + 1;
            ServerIdentity? identity = i % 10 == 0 ? real[i / 10 % real.Length] : null;
            _lan.Answer(
                nonce =>
                {
                    if (identity is not null)
                    {
                        return BeaconFixture.Write(identity, sequence: sequence, nonce: nonce);
                    }

                    byte[] invented = [.. datagram];
                    BitConverter.TryWriteBytes(invented.AsSpan(BeaconLayout.IdAt), i);
                    BinaryPrimitives.WriteUInt64BigEndian(invented.AsSpan(BeaconLayout.NonceAt), nonce);
                    return invented;
                },
                $"192.0.2.{100 + (i % 70 / 10)}");
            if (i % 20 == 0)
            {
                // It keeps the browser asking.
                SendToAll(BeaconFixture.Write(known, BeaconType.Announce), "192.0.2.66");
                _lan.Advance(0.2);
                Assert.InRange(browser.Servers.Count, 0, 64);
            }
        }

        Assert.Equal(64, browser.Servers.Count);
        Assert.All(browser.Servers.CountBy(server => server.EndPoints[0].Address), address => Assert.InRange(address.Value, 1, 16));
        _lan.Advance(1);
        _lan.Answer(nonce => BeaconFixture.Write(known, nonce: nonce), "192.0.2.100");
        _lan.Advance(0.1);
        Assert.Equal((known.Id, DiscoveredTrust.Known), (browser.Servers[0].Id, browser.Servers[0].Trust));
        Assert.Equal(64, browser.Servers.Count);
        Assert.InRange(LanFixture.Take(browser).Count, 1, 64);
    }

    [Fact]
    public void A_flood_of_bad_signatures_does_not_keep_a_known_server_out()
    {
        ServerIdentity known = _lan.NewIdentity();
        ServerIdentity forger = _lan.NewIdentity();
        Browser browser = _lan.StartBrowser(options => options with { Known = [(known.Id, "Den")] });
        for (int i = 0; i < 1_000; i++)
        {
            uint sequence = (uint)i + 1;
            _lan.Answer(nonce => BeaconFixture.Write(forger, sequence: sequence, nonce: nonce), "192.0.2.66");
        }

        _lan.Answer(nonce => BeaconFixture.Write(known, nonce: nonce), "192.0.2.9");
        _lan.Advance(0.01);

        Assert.Contains(browser.Servers, server => server.Id == known.Id);
    }

    [Fact]
    public void A_server_that_wants_a_newer_protocol_is_not_on_the_list()
    {
        Browser browser = _lan.StartBrowser();
        ServerIdentity identity = _lan.NewIdentity();
        _lan.Answer(
            nonce => BeaconFixture.SignAgain(BeaconFixture.WithU16(BeaconFixture.Write(identity, nonce: nonce), BeaconLayout.MinProtocolAt, FrameLimits.Version + 1), identity), "192.0.2.9");
        _lan.Advance(0.1);

        Assert.Empty(browser.Servers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    public void Several_clients_find_several_servers_through_loss_doubling_and_disorder(double loss)
    {
        int seed = TestLength.Seed(Environment.TickCount);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        using var lan = new LanFixture(seed);
        lan.Lan.Loss = loss;
        lan.Lan.Doubling = 0.3;
        lan.Lan.MaxDelay = TimeSpan.FromMilliseconds(400);
        string[] names = [.. Enumerable.Range(0, 4).Select(i => $"server{i}")];
        foreach (string name in names)
        {
            lan.StartServer(name);
        }

        Browser[] browsers = [.. Enumerable.Range(0, 5).Select(_ => lan.StartBrowser())];
        var seen = browsers.ToDictionary(browser => browser, _ => new SortedSet<string>(StringComparer.Ordinal));
        for (int steps = 0; steps < 24 * 360 && seen.Values.Any(found => found.Count < names.Length); steps++)
        {
            lan.Advance(10);
            foreach (Browser browser in browsers)
            {
                seen[browser].UnionWith(browser.Servers.Select(server => server.Name));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"all found all after {TimeSpan.FromTicks(lan.Time.GetTimestamp())}");
        Assert.All(seen.Values, found => Assert.Equal(names, found));
    }

    private void SendToAll(byte[] datagram, string from) => _lan.Lan.Send(datagram, new IPEndPoint(IPAddress.Parse(from), MemoryLan.Port), to: null);
}
