namespace LanChat.Samples;

/// <summary>What an operator asks of the server, on a terminal and in a pipe alike.</summary>
internal static class OperatorCommands
{
    internal static readonly IReadOnlyList<string> Words = ["/ban", "/kick", "/notice", "/shutdown", "/unban"];

    /// <summary>Gets what a line asks of the server; null when it is no such command, or not written as it should be.</summary>
    internal static Func<ChatClient, CancellationToken, ValueTask<SendResult>>? Parse(string line) => line.Trim().Split(' ', 2, StringSplitOptions.TrimEntries) switch
    {
        ["/kick", var name] when Member(name) is { } member => (client, stop) => client.KickAsync(member, stop),
        ["/ban", var name] when Member(name) is { } member => (client, stop) => client.BanAsync(member, stop),
        ["/unban", var name] when Member(name) is { } member => (client, stop) => client.UnbanAsync(member, stop),
        ["/notice", { Length: > 0 } text] => (client, stop) => client.NoticeAsync(text, stop),
        ["/shutdown"] => static (client, stop) => client.ShutdownServerAsync(stop),
        _ => null,
    };

    /// <summary>Gets the server's sentence about a refusal, and about that of a command, for who is no operator, what to do.</summary>
    internal static string Explain(SendResult result, bool isCommand) => isCommand && result.Reason == DisconnectReason.NotPermitted
        ? "that takes operator rights: start the client with --operator (see --help)"
        : result.Text.Length > 0 ? result.Text : result.Reason.ToString();

    // As Tab completes it, with a colon at a line's start.
    private static string? Member(string name) => name.TrimEnd(':') is { Length: > 0 } member ? member : null;
}
