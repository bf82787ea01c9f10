using LanChat.Framing;

namespace LanChat.Connections;

/// <summary>HELLO, kept while its caller has to wait for something: a proof that is still to come, or what decides about it elsewhere.</summary>
internal sealed class HelloRequest
{
    private readonly byte _flags;
    private readonly ulong _session;
    private readonly uint _attempt;
    private readonly ulong _after;
    private readonly byte[] _token;
    private readonly byte[] _nonce;
    private readonly byte[] _name;
    private readonly byte[] _credential;

    internal HelloRequest(in HelloFrame hello, ProofChallenge? challenge)
    {
        Challenge = challenge;
        _flags = hello.Flags;
        _session = hello.Session;
        _attempt = hello.Attempt;
        _after = hello.After;
        _token = hello.Token.ToArray();
        _nonce = hello.Nonce.ToArray();
        _name = hello.Name.ToArray();
        _credential = hello.Credential.ToArray();
    }

    /// <summary>Gets what its caller was asked to prove; null when nothing.</summary>
    internal ProofChallenge? Challenge { get; }

    /// <summary>Gets the frame again, over this object's own bytes.</summary>
    internal HelloFrame Frame => new()
    {
        Version = FrameLimits.Version,
        Flags = _flags,
        Session = _session,
        Token = _token,
        Attempt = _attempt,
        After = _after,
        Nonce = _nonce,
        Name = _name,
        Credential = _credential,
    };

    /// <summary>Overwrites the secret in it, which is needed no more.</summary>
    internal void Clear() => Array.Clear(_credential);
}
