using System.Buffers;
using System.Security.Cryptography;
using LanChat.Framing;
using LanChat.Security;

namespace LanChat.Connections.Client;

/// <summary>What one connection proves to its server, and has proved to it: from HELLO over CHALLENGE and PROVE to the proofs in WELCOME (docs/protocol.md, section 5).</summary>
/// <remarks>A client that has something to prove insists on it: a server that does not ask is as little the one that was meant as one that asks and cannot prove the same itself. Everything but the
/// derivation of keys is guarded by the client's Gate.</remarks>
internal sealed class ClientProofs
{
    private const byte KnownBits = ProofBits.JoinCode | ProofBits.Operator;

    private readonly ServerCheck _check;
    private readonly JoinCode? _code;
    private readonly OperatorToken? _token;

    // From CHALLENGE.
    private byte _wanted;
    private byte[] _serverNonce = [];
    private ServerId _serverId;
    private ProofKeys? _codeKeys;

    // The server let us in without having what it asked for.
    private bool _isDeceived;

    internal ClientProofs(ServerCheck check, JoinCode? code, OperatorToken? token, byte[] name)
    {
        _check = check;
        _code = code;
        _token = token;
        Name = name;
    }

    /// <summary>Gets the nonce of this connection's HELLO.</summary>
    internal byte[] Nonce { get; } = RandomNumberGenerator.GetBytes(FrameLimits.NonceBytes);

    /// <summary>Gets the name as in this connection's HELLO.</summary>
    internal byte[] Name { get; }

    internal bool IsChallenged => _wanted != 0;

    /// <summary>Gets whether operator rights are wanted; after WELCOME, whether they are proved.</summary>
    internal bool IsOperator => _token is not null;

    /// <summary>Gets whether, should the server not let us in, it may be for the join code: it asks for one, and none or another was given.</summary>
    internal bool IsCodeToBlame => (_wanted & ProofBits.JoinCode) != 0 && !_isDeceived;

    /// <summary>Takes what the server wants. Returns why it does not get it, in words for the user; else null.</summary>
    internal string? Refuse(in ChallengeFrame challenge)
    {
        _wanted = challenge.Wanted;
        _serverNonce = challenge.Nonce.ToArray();
        _serverId = new ServerId(challenge.ServerId);
        return (_wanted & ~KnownBits) != 0 || _wanted == 0 ? "the server asks for a proof that this version does not know: update the older side"
            : (_wanted & ProofBits.JoinCode) != 0 && _code is null ? "it asks for a join code: give it with --join-code in LanChat.Client, JoinCode in code"
            : (_wanted & ProofBits.Operator) != 0 && _token is null ? "it asks for an operator's proof, and operator rights were not asked for"
            : RefuseUnasked();
    }

    /// <summary>Makes the keys, which for a join code that is new at this server takes a while: not under the Gate, and not on the caller's thread.</summary>
    internal Task PrepareAsync() => (_wanted & ProofBits.JoinCode) == 0 ? Task.CompletedTask : Task.Run(() => _codeKeys = _code!.KeysFor(_serverId));

    /// <summary>Writes PROVE.</summary>
    internal void WriteProve(IBufferWriter<byte> output)
    {
        Span<byte> proofs = stackalloc byte[ProofBits.MeasureBytes(KnownBits)];
        Span<byte> hash = stackalloc byte[ProofTranscript.HashBytes];
        foreach ((byte bit, ProofKeys keys) in Wanted)
        {
            Transcript.Hash(bit, hash);
            keys.WriteClientProof(hash, proofs.Slice(ProofBits.Offset(_wanted, bit), FrameLimits.ProofBytes));
        }

        new ProveFrame { Wanted = _wanted, Proofs = proofs[..ProofBits.MeasureBytes(_wanted)] }.WriteTo(output);
    }

    /// <summary>Says why the server that welcomes us has not proved what it must, in words for the user; else null.</summary>
    internal string? Refuse(in WelcomeFrame welcome)
    {
        Span<byte> right = stackalloc byte[FrameLimits.ProofBytes];
        Span<byte> hash = stackalloc byte[ProofTranscript.HashBytes];
        foreach ((byte bit, ProofKeys keys) in Wanted)
        {
            Transcript.Hash(bit, hash);
            keys.WriteServerProof(hash, right);
            if (!CryptographicOperations.FixedTimeEquals(right, ProofBits.Find(_wanted, bit, welcome.Proofs)))
            {
                _isDeceived = true;
                return "the server does not have the join code or the operator token itself: it is not the one that is meant, and somebody may be in between";
            }
        }

        return RefuseUnasked();
    }

    private ProofTranscript Transcript => new() { Channel = _check.ProvedId, ClientNonce = Nonce, ServerNonce = _serverNonce, Name = Name };

    private IEnumerable<(byte Bit, ProofKeys Keys)> Wanted
    {
        get
        {
            if ((_wanted & ProofBits.JoinCode) != 0)
            {
                yield return (ProofBits.JoinCode, _codeKeys!);
            }

            if ((_wanted & ProofBits.Operator) != 0)
            {
                yield return (ProofBits.Operator, _token!.Keys);
            }
        }
    }

    private string? RefuseUnasked() =>
        _code is not null && (_wanted & ProofBits.JoinCode) == 0
            ? "a join code was given, and the server does not ask for it: either it is open to everybody and needs none, or it is not the one that is meant"
        : _token is not null && (_wanted & ProofBits.Operator) == 0
            ? "operator rights were asked for, and the server wants no proof of them: it is not the one that is meant"
        : null;
}
