using System.Net;
using System.Net.Security;
using System.Text;
using LanChat.Connections;
using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>The real server over links in memory and fake time, stepped by the test: no thread, no clock, the same each time.</summary>
internal sealed class MemoryServer
{
    private readonly bool _tls;

    /// <param name="options">The settings.</param>
    /// <param name="tls">Whether callers speak TLS, and the server answers so; nothing else is different.</param>
    /// <param name="runHandshake">Runs what a handshake computes; at once unless told otherwise.</param>
    /// <param name="makePoller">Makes the poller of each loop, one that knows links in memory.</param>
    /// <param name="udp">Whether it has a UDP twin, on port 9090 of <see cref="Datagrams"/>.</param>
    /// <param name="seed">What <see cref="Datagrams"/> draws its faults from.</param>
    internal MemoryServer(
        ChatServerOptions? options = null, bool tls = false, Action<IThreadPoolWorkItem>? runHandshake = null, Func<Poller>? makePoller = null, bool udp = false, int seed = 0)
    {
        _tls = tls;
        Time = new FakeTimeProvider();
        Network = new MemoryNetwork(Time);
        Datagrams = new DatagramNetwork(Time, seed);
        DatagramEnd = udp ? Datagrams.OpenServer() : null;
        Host = new ServerHost(
            (options ?? new ChatServerOptions { Loops = 1 }) with { TimeProvider = Time, Identity = TestIdentity.Shared },
            makePoller ?? (static () => new MemoryPoller()),
            listen: null,
            runHandshake ?? (static turn => turn.Execute()),
            datagrams: DatagramEnd);
    }

    internal FakeTimeProvider Time { get; }

    internal MemoryNetwork Network { get; }

    /// <summary>The network of its UDP twin, if it has one.</summary>
    internal DatagramNetwork Datagrams { get; }

    internal DatagramNetworkEnd? DatagramEnd { get; }

    internal ServerHost Host { get; }

    internal ServerContext Context => Host.Context;

    /// <summary>A new caller; nothing is said yet.</summary>
    internal MemoryCaller Connect(IPAddress? address = null, int deferBytes = 0) =>
        _tls ? ConnectTls(address: address, deferBytes: deferBytes) : ConnectPlain(address, deferBytes);

    /// <summary>A new caller whose handshake is over, or has failed.</summary>
    internal MemoryCaller ConnectTls(SslClientAuthenticationOptions? options = null, IPAddress? address = null, int deferBytes = 0)
    {
        MemoryCaller caller = ConnectPlain(address, deferBytes);
        caller.Client.StartTls(options);
        caller.Secure();
        return caller;
    }

    /// <summary>A new caller on a plain link, whatever the others have: a person.</summary>
    internal MemoryCaller ConnectPlain(IPAddress? address = null, int deferBytes = 0)
    {
        (MemoryLink link, MemoryClient client) = Network.Connect(address, deferBytes);
        Host.Accept(link);
        Run();
        return new MemoryCaller(this, client);
    }

    /// <summary>A new member: HELLO, JOIN, and the answers read.</summary>
    internal MemoryCaller Join(string name, string room = "lobby", int replay = 0)
    {
        MemoryCaller caller = Connect();
        caller.Say([.. WireFrame.Hello(name), .. WireFrame.Join(room, replay)]);
        return caller;
    }

    /// <summary>Steps the loops in turn until none has anything to do.</summary>
    internal void Run()
    {
        bool worked = true;
        for (int rounds = 0; worked; rounds++)
        {
            worked = false;

            // By index: an enumerator would count as an allocation of the server's.
            for (int i = 0; i < Host.Loops.Count; i++)
            {
                worked |= Host.Loops[i].Loop.RunOnce(block: false);
            }

            worked |= Datagrams.Pump();
            if (rounds > 100_000)
            {
                throw new InvalidOperationException("The loops do not come to rest.");
            }
        }
    }

    /// <summary>Lets time pass, in steps small enough that what one timer starts the next one finds, and lets the loops act on it.</summary>
    internal void Advance(TimeSpan span)
    {
        const int Steps = 20;
        for (int i = 0; i < Steps; i++)
        {
            Time.Advance(span / Steps);
            Run();
        }
    }
}

/// <summary>A caller of a <see cref="MemoryServer"/>.</summary>
internal sealed class MemoryCaller(MemoryServer server, MemoryClient client)
{
    private readonly List<byte> _unread = [];

    internal MemoryClient Client => client;

    /// <summary>Whether the server has ended its side, cleanly or not. Known after a read.</summary>
    internal bool IsClosed => client.Status is LinkStatus.Ended or LinkStatus.Broken;

    /// <summary>Says something and lets the server act on it.</summary>
    internal void Say(ReadOnlySpan<byte> bytes)
    {
        client.Write(bytes);
        server.Run();
    }

    internal void Say(string text) => Say(Encoding.UTF8.GetBytes(text));

    /// <summary>Lets a TLS handshake come to its end, over however bad a wire.</summary>
    internal void Secure()
    {
        for (int i = 0; client.Tls is { IsOpen: false, Failure: null } && i < 10_000; i++)
        {
            server.Run();
            _unread.AddRange(client.ReadAll());
        }

        server.Run();
    }

    /// <summary>Takes the whole frames that have arrived.</summary>
    internal List<WireFrame> Frames()
    {
        _unread.AddRange(client.ReadAll());
        server.Run();
        _unread.AddRange(client.ReadAll());
        List<WireFrame> frames = WireFrame.Parse(_unread.ToArray(), out int used);
        _unread.RemoveRange(0, used);
        return frames;
    }

    /// <summary>Takes the text that has arrived.</summary>
    internal string Text()
    {
        string text = Encoding.UTF8.GetString(client.ReadAll());
        server.Run();
        return text + Encoding.UTF8.GetString(client.ReadAll());
    }

    /// <summary>Takes the whole lines that have arrived.</summary>
    internal string[] Lines() => Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Bytes that arrived and are no whole frame yet.</summary>
    internal int UnreadBytes => _unread.Count;
}
