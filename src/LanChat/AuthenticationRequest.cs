using System.Net;

namespace LanChat;

/// <summary>Describes a caller that wants to come in, for <see cref="ChatServerOptions.Authenticate"/>.</summary>
/// <remarks>Everything in it but <see cref="IsEncrypted"/> and <see cref="RemoteEndPoint"/> is what the caller says.</remarks>
public sealed class AuthenticationRequest
{
    internal AuthenticationRequest(string name, ReadOnlyMemory<byte> credential, IPEndPoint? remoteEndPoint, bool isEncrypted, bool isText)
    {
        Name = name;
        Credential = credential;
        RemoteEndPoint = remoteEndPoint;
        IsEncrypted = isEncrypted;
        IsText = isText;
    }

    /// <summary>Gets the name that is asked for, safe to print: a good one in the form in which the session would have it (NFC), another, which will be refused unless the hook gives a better one, on one line.
    /// Empty: none. Names that look alike are one name to the server, so whoever keeps accounts by name gives each its own (<see cref="AuthenticationResult.Accept"/>) or refuses what is not written like it.</summary>
    public string Name { get; }

    /// <summary>Gets what the caller gives as proof of who it is (<see cref="ChatClientOptions.Credential"/>): as long as fits into a HELLO of 4 KiB, empty when nothing. It is overwritten with zeros when the hook has returned; what
    /// is needed longer must be copied. It is a secret: compare it in fixed time, and log it nowhere.</summary>
    public ReadOnlyMemory<byte> Credential { get; }

    /// <summary>Gets where the caller is; null when its link has no address.</summary>
    public IPEndPoint? RemoteEndPoint { get; }

    /// <summary>Gets whether the caller speaks inside TLS.</summary>
    public bool IsEncrypted { get; }

    /// <summary>Gets whether the caller speaks lines of text. It has given neither a name nor a credential, and cannot.</summary>
    public bool IsText { get; }

    /// <summary>Describes the request without its secret.</summary>
    public override string ToString() => $"{(Name.Length == 0 ? "(no name)" : Name)} from {RemoteEndPoint}";
}
