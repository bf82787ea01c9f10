namespace LanChat.Throughput;

/// <summary>Lets the paths of messages be compiled to their last tier before anything is measured: on a server of its own, with clients in this process.</summary>
internal static class WarmUp
{
    private const int Members = 8;

    /// <summary>Messages that each client has under way.</summary>
    private const int Batch = 16;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.5);

    internal static async Task RunAsync(ChatServerOptions options, CancellationToken cancellationToken)
    {
        await using ChatServer server = await ChatServer.StartAsync(options with { Port = 0 }, cancellationToken);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(Time);
        await Task.WhenAll(Enumerable.Range(0, Members).Select(_ => TalkAsync(server, enough.Token)));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task TalkAsync(ChatServer server, CancellationToken enough)
    {
        try
        {
            await using ChatClient client = await ChatClient.ConnectAsync(server.EndPoint, new ChatClientOptions { Plaintext = true }, enough);
            ChatRoom room = await client.JoinAsync("lobby", enough);
            while (true)
            {
                await Task.WhenAll(Enumerable.Range(0, Batch).Select(_ => room.SendAsync("abcdefghijklmnopqrstuvwxyz012345abcdefghijklmnopqrstuvwxyz012345", enough).AsTask()));
            }
        }
        catch (OperationCanceledException)
        {
            // Warm, or told to stop.
        }
    }
}
