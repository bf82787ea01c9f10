using System.Net;
using System.Security.Cryptography;
using System.Text;
using LanChat.Framing;
using LanChat.Tests.Sessions;
using LanChat.Tests.Support;

namespace LanChat.Tests.Server;

/// <summary>A scripted client that says HELLO and then proves what the test wants it to, rightly or wrongly.</summary>
internal sealed class ProvingCaller
{
    internal const string Code = "7H3K-9QXA-PM2D-WZ41";
    internal static readonly byte[] Token = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    private readonly MemoryServer _server;
    private readonly ServerId? _channel;
    private readonly string _name;

    /// <param name="server">The server.</param>
    /// <param name="name">The name in HELLO.</param>
    /// <param name="address">Where it says it is.</param>
    /// <param name="loop">The loop that accepts it; any unless told otherwise.</param>
    internal ProvingCaller(MemoryServer server, string name = "ada", IPAddress? address = null, int? loop = null)
    {
        _server = server;
        _name = name;
        Caller = loop is { } number ? server.ConnectTo(number, address) : server.Connect(address);
        _channel = Caller.Client.Tls is null ? null : server.Context.Identity.Id;
    }

    internal static ChatServerOptions Options { get; } = Callers.Patient with { JoinCode = new JoinCode(Code), OperatorToken = new OperatorToken(Token) };

    internal static Prover RightCode => Prover.OfCode("7H3K-9QXA-PM2D-WZ41", TestIdentity.Shared.Id);

    internal static Prover RightToken { get; } = new(Token);

    internal MemoryCaller Caller { get; }

    internal byte[] Nonce { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>The server's nonce, from CHALLENGE.</summary>
    internal byte[] ServerNonce { get; private set; } = [];

    internal byte[] Hello(byte flags = 0, ulong session = 0, byte[]? token = null, uint attempt = 1) => WireFrame.Bytes(new HelloFrame
    {
        Version = 1,
        Flags = flags,
        Session = session,
        Token = token,
        Attempt = attempt,
        Nonce = Nonce,
        Name = Encoding.UTF8.GetBytes(_name),
    });

    /// <summary>Says HELLO, and returns what the server wants.</summary>
    internal byte SayHello(byte flags = 0, ulong session = 0, byte[]? token = null, uint attempt = 1)
    {
        Caller.Say(Hello(flags, session, token, attempt));
        return TakeChallenge();
    }

    internal byte TakeChallenge()
    {
        ChallengeFrame challenge = Caller.Frames().Single().Decode<ChallengeFrame>();
        ServerNonce = challenge.Nonce.ToArray();
        if (new ServerId(challenge.ServerId) != _server.Context.Identity.Id)
        {
            throw new InvalidOperationException("The server says that it is another.");
        }

        return challenge.Wanted;
    }

    internal byte[] Transcript(byte role) => Prover.Transcript(_channel, Nonce, ServerNonce, role, _name);

    /// <summary>The proof for one role by a secret.</summary>
    internal byte[] Proof(Prover prover, byte role) => prover.Client(Transcript(role));

    internal byte[] RightProve(byte wanted) => wanted switch
    {
        1 => Prover.Prove(1, Proof(RightCode, 1)),
        2 => Prover.Prove(2, Proof(RightToken, 2)),
        _ => Prover.Prove(3, Proof(RightCode, 1), Proof(RightToken, 2)),
    };

    /// <summary>Proves as one should, and returns the answers.</summary>
    internal List<WireFrame> Enter(byte flags = 0, ulong session = 0, byte[]? token = null, uint attempt = 1)
    {
        byte wanted = SayHello(flags, session, token, attempt);
        Caller.Say(RightProve(wanted));
        return Caller.Frames();
    }

    /// <summary>Says HELLO and a PROVE that is of the right form and wrong.</summary>
    internal void ProveWrongly()
    {
        SayHello();
        Caller.Say(Prover.Prove(1, new byte[32]));
    }
}
