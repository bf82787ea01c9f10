using System.Security.Cryptography;
using System.Text;
using LanChat.Security;
using LanChat.Text;

namespace LanChat;

/// <summary>What lets people into a server that is not open to everybody (docs/protocol.md, section 5): whoever has it gets in, and knows by it that the server is the right one.</summary>
/// <remarks>
/// <para>A generated code (<see cref="Generate"/>) is 80 random bits, which nobody guesses. A phrase of one's own is easier to remember and as easy to guess as it is: callers may try five times
/// a minute, but who poses as the server at a client's first contact can go on guessing at home.</para>
/// <para>It never goes over the wire in frames; a person with netcat types it, for all on the way to read. <see cref="ToString"/> does not show it, so it may stand in options that are logged.
/// Immutable and thread safe. One object for all clients of a process saves them work: what is derived from the code, a fifth of a second of one processor for each server, is kept in it.</para>
/// </remarks>
public sealed class JoinCode
{
    /// <summary>How many bytes of UTF-8 a code has at most.</summary>
    public const int MaxBytes = 128;

    // Of the servers that were last proved to; a program that talks to more at the same time derives again.
    private const int MaxKept = 8;

    private readonly byte[] _secret;
    private readonly Lock _gate = new();
    private readonly List<(ServerId Server, ProofKeys Keys)> _kept = [];

    /// <summary>Takes a code that was generated, in small letters or capitals, with its hyphens or without; or any other text, which is a phrase.</summary>
    /// <param name="text">1 to <see cref="MaxBytes"/> bytes of UTF-8 without control characters. Blanks at its ends do not count.</param>
    /// <exception cref="ArgumentException">It is something else. The message does not repeat it.</exception>
    public JoinCode(string text)
        : this(Normalize(text, out string? complaint), complaint)
    {
    }

    private JoinCode(string text, string? complaint)
    {
        Text = complaint is null ? text : throw new ArgumentException(complaint, nameof(text));
        _secret = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Gets the code in the form to be shown to people: <c>7H3K-9QXA-PM2D-WZ41</c>, or the phrase.</summary>
    public string Text { get; }

    /// <summary>Makes a code of 80 random bits.</summary>
    public static JoinCode Generate()
    {
        Span<byte> bytes = stackalloc byte[GroupedBase32.Bytes];
        RandomNumberGenerator.Fill(bytes);
        return new JoinCode(GroupedBase32.Write(bytes));
    }

    /// <summary>Does not show the code.</summary>
    public override string ToString() => "(a join code)";

    /// <summary>Whether a text that somebody typed is this code. It takes as long whatever is wrong.</summary>
    internal bool Matches(ReadOnlySpan<byte> utf8)
    {
        string text = Normalize(Encoding.UTF8.GetString(utf8), out string? complaint);
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];

        // Of equal length, so that not even the code's own shows.
        SHA256.HashData(Encoding.UTF8.GetBytes(text), given);
        SHA256.HashData(_secret, right);
        return CryptographicOperations.FixedTimeEquals(given, right) & complaint is null;
    }

    /// <summary>The keys by which client and server prove to each other that both have the code. Slow on purpose the first time: not on a loop, and not under a lock.</summary>
    internal ProofKeys KeysFor(ServerId server)
    {
        // Many clients that come back at the same time wait for one derivation, instead of each making its own.
        lock (_gate)
        {
            foreach ((ServerId known, ProofKeys keys) in _kept)
            {
                if (known == server)
                {
                    return keys;
                }
            }

            var derived = ProofKeys.OfJoinCode(_secret, server);
            if (_kept.Count == MaxKept)
            {
                _kept.RemoveAt(0);
            }

            _kept.Add((server, derived));
            return derived;
        }
    }

    private static string Normalize(string text, out string? complaint)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim(' ');
        if (text.Any(char.IsControl) || text != TextRules.Sanitize(text))
        {
            complaint = "A join code is one line of text, without control characters.";
            return "";
        }

        if (!NameKey.CanNormalize && !Ascii.IsValid(text))
        {
            complaint = "Without globalisation data (invariant mode) a join code must be ASCII: the same word can be written in several ways otherwise.";
            return "";
        }

        text = GroupedBase32.TryRead(text, out string grouped) ? grouped : text.Normalize(NormalizationForm.FormC);
        complaint = Encoding.UTF8.GetByteCount(text) is > 0 and <= MaxBytes ? null : $"A join code has 1 to {MaxBytes} bytes of UTF-8.";
        return complaint is null ? text : "";
    }
}
