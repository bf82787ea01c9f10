using System.Net;
using LanChat.Discovery;
using LanChat.Tests.Support;

namespace LanChat.Tests.Discovery;

/// <summary>Servers and clients on a network in memory, stepped by the test.</summary>
internal sealed class LanFixture(int seed = 1) : IDisposable
{
    private readonly List<ServerIdentity> _identities = [];
    private int _hosts;

    internal FakeTimeProvider Time { get; } = new();

    internal MemoryLan Lan => field ??= new MemoryLan(Time, seed);

    internal ServerIdentity NewIdentity()
    {
        var identity = ServerIdentity.Create();
        _identities.Add(identity);
        return identity;
    }

    internal MemoryHost NewHost(bool isPortTaken = false) => Lan.AddHost($"192.0.2.{++_hosts}", isPortTaken);

    internal Announcer StartServer(string name, Func<DiscoveryBeaconOptions, DiscoveryBeaconOptions>? change = null, MemoryHost? host = null, ServerIdentity? identity = null)
    {
        var options = new DiscoveryBeaconOptions { Identity = identity ?? NewIdentity(), Name = name, TimeProvider = Time };
        var announcer = new Announcer(change?.Invoke(options) ?? options, host ?? NewHost());
        announcer.Start();
        return announcer;
    }

    internal Browser StartBrowser(Func<ServerBrowserOptions, ServerBrowserOptions>? change = null, MemoryHost? host = null)
    {
        var options = new ServerBrowserOptions { TimeProvider = Time };
        var browser = new Browser(change?.Invoke(options) ?? options, host ?? NewHost());
        browser.Start();
        return browser;
    }

    /// <summary>Answers the browser's last question with a datagram made from its nonce, as if it came from an address.</summary>
    internal void Answer(Func<ulong, byte[]> make, string from)
    {
        (byte[] question, IPEndPoint asker, _) = Lan.Sent.Last(sent => sent.Datagram[BeaconLayout.TypeAt] == (byte)BeaconType.Solicit);
        BeaconPacket.TryRead(question, out BeaconPacket packet);
        Lan.Send(make(packet.Nonce), new IPEndPoint(IPAddress.Parse(from), MemoryLan.Port), asker);
    }

    internal void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Stops a server with all of its goodbyes.</summary>
    internal void Stop(Announcer server)
    {
        _ = server.StopAsync();
        Advance(0.3);
    }

    /// <summary>Takes a server off the network without a word.</summary>
    internal void Crash(MemoryHost host) => Lan.Cut(host);

    internal static List<DiscoveryEvent> Take(Browser browser)
    {
        var changes = new List<DiscoveryEvent>();
        while (browser.Feed.TryTake(out DiscoveryEvent? change))
        {
            changes.Add(change);
        }

        return changes;
    }

    public void Dispose() => _identities.ForEach(identity => identity.Dispose());
}
