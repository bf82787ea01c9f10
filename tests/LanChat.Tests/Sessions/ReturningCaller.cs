using System.Net;
using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>A scripted client that keeps what it takes to come back to its session.</summary>
internal sealed class ReturningCaller
{
    private readonly MemoryServer _server;
    private readonly string _name;
    private readonly IPAddress? _address;

    /// <summary>Says HELLO, joins a room, and says a PING, after which the session outlives its connections.</summary>
    internal ReturningCaller(MemoryServer server, string name, string room = "lobby", IPAddress? address = null)
    {
        _server = server;
        _name = name;
        _address = address;
        Caller = server.Connect(address);
        Caller.Say([.. Hello(), .. WireFrame.Join(room), .. Callers.Ping(1)]);
        List<WireFrame> frames = Caller.Frames();
        WelcomeFrame welcome = frames.Only(FrameType.Welcome).Welcome;
        Id = welcome.Session;
        Token = welcome.Token.ToArray();
        JoinedFrame joined = frames.Only(FrameType.Joined).Joined;
        Epoch = joined.Epoch;
        Newest = joined.Newest;
    }

    /// <summary>The connection it has, or had last.</summary>
    internal MemoryCaller Caller { get; private set; }

    internal ulong Id { get; set; }

    internal byte[] Token { get; set; } = new byte[FrameLimits.TokenBytes];

    /// <summary>The number of the last attempt.</summary>
    internal uint Attempt { get; set; }

    /// <summary>The epoch of the room that it joined first, and the newest entry there at that time.</summary>
    internal ulong Epoch { get; }

    internal ulong Newest { get; }

    /// <summary>The last of the mailbox that it has.</summary>
    internal ulong MailboxAfter { get; set; }

    /// <summary>What the server has of it; fails when it is over.</summary>
    internal Session Session => Assert.IsType<Session>(_server.Context.Sessions.Find(Id));

    /// <summary>The HELLO of the next attempt.</summary>
    internal byte[] Hello() => WireFrame.Bytes(new HelloFrame
    {
        Version = 1,
        Session = Id,
        Token = Token,
        Attempt = ++Attempt,
        After = MailboxAfter,
        Name = Encoding.UTF8.GetBytes(_name),
    });

    /// <summary>The connection breaks.</summary>
    internal void Lose()
    {
        Caller.Client.Reset();
        _server.Run();
    }

    /// <summary>A new connection, which another loop than the session's has accepted, if there is another.</summary>
    internal MemoryCaller Connect()
    {
        Caller = _server.ConnectTo(loop: _server.Host.Loops.Count > 1 ? 1 - HomeNumber : 0, _address);
        return Caller;
    }

    /// <summary>Comes back over such a connection, and returns the answers.</summary>
    internal List<WireFrame> Return(params byte[][] more)
    {
        Connect().Say([.. Hello(), .. more.SelectMany(bytes => bytes)]);
        return Caller.Frames();
    }

    internal byte[] Rejoin(string room = "lobby", int replay = 0) => WireFrame.Join(room, replay, Epoch, Newest);

    private int HomeNumber => _server.Context.Sessions.Find(Id)?.Home.Number ?? 0;
}

/// <summary>Where a connection is accepted.</summary>
internal static class AcceptingLoops
{
    /// <summary>A new caller on a certain loop; the one that would have come to another is closed again.</summary>
    internal static MemoryCaller ConnectTo(this MemoryServer server, int loop, IPAddress? address = null)
    {
        ServerLoop wanted = server.Host.Loops[loop];
        while (true)
        {
            int before = wanted.Loop.ConnectionCount;
            MemoryCaller caller = server.Connect(address);
            if (wanted.Loop.ConnectionCount > before)
            {
                return caller;
            }

            caller.Client.Reset();
            server.Run();
        }
    }
}
