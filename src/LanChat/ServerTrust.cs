namespace LanChat;

/// <summary>Says how far it is certain who the server of a connection is.</summary>
public enum ServerTrust
{
    /// <summary>The connection is not encrypted: the server may be anybody, and others may read along and write.</summary>
    Plain,

    /// <summary>The first contact, at this address or with a server that was only discovered: its key was taken on trust, and is kept. Comparing
    /// <see cref="ServerId.Fingerprint"/> with what the server shows makes it certain.</summary>
    New,

    /// <summary>The same key as before: at this address, or of the server that a link or discovery named.</summary>
    Known,

    /// <summary>The first contact, with exactly the key that the link names (<see cref="ServerAddress.Id"/>): as certain as the way on which the link came. The key is kept.</summary>
    Named,
}
