using System.Net;
using System.Security.Cryptography;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Transport;
using Microsoft.Extensions.Logging;

namespace LanChat.Security;

/// <summary>Says what became of a proof.</summary>
internal enum ProofResult
{
    Right,
    Wrong,

    /// <summary>Too many from that address were wrong: this one was not looked at.</summary>
    TooMany,
}

/// <summary>What a server wants proved before it lets a caller in, and whether it was (docs/protocol.md, section 5). Any thread may call it.</summary>
internal sealed class ServerProofs
{
    private readonly JoinCode? _code;
    private readonly ProofKeys? _codeKeys;
    private readonly ProofKeys? _tokenKeys;
    private readonly ProofLimits _limits;
    private readonly ILogger _logger;

    /// <summary>Takes a fifth of a second if there is a join code: made before the loops run.</summary>
    internal ServerProofs(ChatServerOptions options, ServerId id, ILogger logger)
    {
        _code = options.JoinCode;
        _codeKeys = _code?.KeysFor(id);
        _tokenKeys = options.OperatorToken?.Keys;
        _limits = new ProofLimits(options.TimeProvider);
        _logger = logger;
    }

    /// <summary>Gets whether nobody gets in without the join code.</summary>
    internal bool WantsCode => _code is not null;

    /// <summary>Gets whether anybody can become an operator.</summary>
    internal bool HasOperators => _tokenKeys is not null;

    /// <summary>Gets what a caller has to prove (<see cref="ProofBits"/>); 0: nothing.</summary>
    internal byte WantedOf(bool asksForRights) => (byte)((WantsCode ? ProofBits.JoinCode : 0) | (asksForRights && HasOperators ? ProofBits.Operator : 0));

    /// <summary>Looks at a caller's proofs, and makes ours if they are right.</summary>
    /// <param name="link">The caller's link.</param>
    /// <param name="transcript">What they are about.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="prove">What came.</param>
    /// <param name="ours">Takes one proof for each bit, lowest first.</param>
    internal ProofResult Check(Link link, in ProofTranscript transcript, byte wanted, in ProveFrame prove, Span<byte> ours)
    {
        return IsLookedAt(link)
            ? Note(link, IsRight(transcript, wanted, ProofBits.JoinCode, _codeKeys, prove, ours) & IsRight(transcript, wanted, ProofBits.Operator, _tokenKeys, prove, ours), wanted)
            : ProofResult.TooMany;
    }

    /// <summary>Looks at a join code that a person typed.</summary>
    internal ProofResult CheckCode(Link link, ReadOnlySpan<byte> utf8) =>
        IsLookedAt(link) ? Note(link, _code!.Matches(utf8), ProofBits.JoinCode) : ProofResult.TooMany;

    private static bool IsRight(in ProofTranscript transcript, byte wanted, byte bit, ProofKeys? keys, in ProveFrame prove, Span<byte> ours)
    {
        if ((wanted & bit) == 0 || keys is null)
        {
            return (wanted & bit) == 0;
        }

        Span<byte> hash = stackalloc byte[ProofTranscript.HashBytes];
        Span<byte> theirs = stackalloc byte[FrameLimits.ProofBytes];
        transcript.Hash(bit, hash);
        keys.WriteClientProof(hash, theirs);
        keys.WriteServerProof(hash, ours.Slice(ProofBits.Offset(wanted, bit), FrameLimits.ProofBytes));
        return CryptographicOperations.FixedTimeEquals(theirs, prove.ProofFor(bit));
    }

    private bool IsLookedAt(Link link)
    {
        bool isLeft = _limits.HasLeft(SourceOf(link));
        if (!isLeft)
        {
            Count(ProofResult.TooMany);
        }

        return isLeft;
    }

    // Counted after it was looked at, and refused then if others of the address were wrong meanwhile, on other loops: so many right ones at once are in nobody's way, and many wrong ones tell no more than one after the other.
    private ProofResult Note(Link link, bool isRight, byte wanted)
    {
        ProofResult result = _limits.Note(SourceOf(link), isRight, out bool isLast);
        if (result == ProofResult.Wrong)
        {
            Log.ProofWrong(_logger, link.RemoteEndPoint, wanted);
        }

        if (isLast)
        {
            Log.TooManyProofs(_logger, link.RemoteEndPoint?.Address ?? IPAddress.None);
        }

        Count(result);
        return result;
    }

    // As other limits per address count a caller; but this machine counts too, as one, whatever address of its own a caller there takes.
    private static SourceAddress SourceOf(Link link) => link.Source ?? default;

    private static void Count(ProofResult result) => Metrics.Proofs.Add(1, new KeyValuePair<string, object?>(Metrics.ResultTag, result switch
    {
        ProofResult.Right => "right",
        ProofResult.Wrong => "wrong",
        _ => "too many",
    }));
}
