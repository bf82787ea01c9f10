using System.Security.Cryptography;
using System.Text;
using LanChat.Security;

namespace LanChat;

/// <summary>What makes a client an operator: 16 random bytes that the server has, and the client has from its file (docs/protocol.md, section 5).</summary>
/// <remarks>The client proves that it has them and never sends them; the server proves the same. Who has the token is an operator of every server that has it. Who is to be an operator on another machine gets a copy of the file, which only its user may
/// read. <see cref="ToString"/> does not show the token, so it may stand in options that are logged. Immutable and thread safe.</remarks>
public sealed class OperatorToken
{
    /// <summary>How many bytes a token has.</summary>
    public const int Bytes = 16;

    /// <summary>The usual name of its file.</summary>
    public const string FileName = "operator.key";

    internal OperatorToken(ReadOnlySpan<byte> bytes) => Keys = new ProofKeys(bytes);

    /// <summary>Gets where this user's servers keep theirs unless told otherwise: one for all of them, in the user's data directory beside their identities.</summary>
    public static string DefaultPath => Path.Combine(OwnIdentities.DefaultRoot, FileName);

    /// <summary>Gets the keys by which client and server prove to each other that both have it. The token itself is not kept in memory.</summary>
    internal ProofKeys Keys { get; }

    /// <summary>Makes a token that is in no file: for a program whose server and client share the object.</summary>
    public static OperatorToken Create()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bytes);
        return new OperatorToken(bytes);
    }

    /// <summary>Takes the token in a file, or makes one there, which only this user may read.</summary>
    /// <param name="path">The file; its directory is made if there is none.</param>
    /// <exception cref="ChatException">The file cannot be made or read, others can read it, or it is no token. The message says which, and what to do.</exception>
    public static OperatorToken LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            UserDataDirectory.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
            if (!File.Exists(path))
            {
                // Whoever makes it first has made it for all: a second server that starts at this moment takes the same.
                UserDataDirectory.TryWrite(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)) + "\n", replace: false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused($"the operator token cannot be kept in {path}: {exception.Message.TrimEnd('.')}; choose another file for it", exception);
        }

        return Load(path);
    }

    /// <summary>Takes the token in a file.</summary>
    /// <param name="path">The file: 32 hexadecimal digits and a line feed.</param>
    /// <exception cref="ChatException">There is none or it cannot be read, others can read it, or it is no token. The message says which, and what to do.</exception>
    public static OperatorToken Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        const int Digits = Bytes * 2;
        Span<byte> text = stackalloc byte[Digits + 3];
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (UserDataDirectory.IsOpenToOthers(stream.SafeFileHandle))
            {
                throw Refused($"{path} can be read or changed by other users, so the token in it is no longer a secret: delete it and start the server anew to get another one, or, if you know that nobody looked, chmod 600 it");
            }

            text = text[..stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused($"there is no operator token in {path}: the server makes it at its first start; take its file, or a copy of it", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused($"the operator token cannot be read from {path}: {exception.Message}", exception);
        }

        // An editor may have put another end to the line.
        Span<byte> bytes = stackalloc byte[Bytes];
        return Convert.FromHexString(Encoding.ASCII.GetString(text.TrimEnd("\r\n"u8)), bytes, out _, out int written) == System.Buffers.OperationStatus.Done && written == Bytes
            ? new OperatorToken(bytes)
            : throw Refused($"{path} is no operator token, which is 32 hexadecimal digits: take another copy of it, or delete it and start the server anew to get another one");
    }

    /// <summary>Does not show the token.</summary>
    public override string ToString() => "(an operator token)";

    private static ChatException Refused(string text, Exception? inner = null) => new(DisconnectReason.Aborted, text, inner);
}
