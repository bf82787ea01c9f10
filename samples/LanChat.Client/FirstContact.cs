namespace LanChat.Samples;

/// <summary>What to say about a server's key.</summary>
internal static class FirstContact
{
    /// <summary>Gets the sentence for a key that was taken on trust just now; null when there is nothing to compare. The name, which is anybody's, comes last: it could say
    /// a fingerprint, too.</summary>
    internal static string? Describe(ChatClient client) => client is { Trust: ServerTrust.New, ServerId: { } id }
        ? $"first contact: the server's fingerprint is {id.Fingerprint}; compare it with the one that the server shows (\"{client.ServerName}\")"
        : null;

    /// <summary>Gets the server's welcome as a word of the server's, which could otherwise say in ours what fingerprint to expect.</summary>
    internal static string Welcome(ChatClient client) => new Notice { Text = client.Welcome }.ToText();

    /// <summary>Gets in a few words how the connection is kept from others.</summary>
    internal static string DescribeLink(ChatClient client) => client.IsEncrypted ? "encrypted" : "NOT encrypted";
}
