using System.Text;
using LanChat.Diagnostics;
using LanChat.Rooms;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>One message that the app is to decide on: everything of it, for its frame is gone by then.</summary>
/// <param name="all">The session's messages.</param>
/// <param name="connection">The connection that it came over.</param>
internal sealed class UndecidedMessage(UndecidedMessages all, ServerConnection connection) : IThreadPoolWorkItem
{
    internal ServerConnection Connection => connection;

    /// <summary>Gets what tells the app that its answer about this message is not wanted any more.</summary>
    internal HookCancellation Cancellation { get; } = new(connection.Server.RunOnPool, connection.Server.Logger);

    internal required ulong Id { get; init; }

    /// <summary>Gets the room's number; 0 when it is for one member.</summary>
    internal uint Room { get; init; }

    /// <summary>Gets the visit of the room in which it was said; null when it is for one member.</summary>
    internal Membership? Visit { get; init; }

    /// <summary>Gets the room's name; null when it is for one member.</summary>
    internal string? RoomName { get; init; }

    /// <summary>Gets for whom it is; null when it is for a room.</summary>
    internal byte[]? To { get; init; }

    internal bool IsOpaque { get; init; }

    /// <summary>Gets the body, checked and clean.</summary>
    internal required byte[] Body { get; init; }

    void IThreadPoolWorkItem.Execute() => _ = AskAsync();

    // Nothing gets out of here: nobody looks at the task.
    private async Task AskAsync()
    {
        PublishDecision decision = default;
        ServerContext server = all.Session.Home.Server;
        try
        {
            var request = new PublishRequest(
                TextRules.SanitizeToLine(all.Session.Name.Utf8),
                RoomName,
                To is null ? null : TextRules.SanitizeToLine(To),
                IsOpaque,
                IsOpaque ? "" : Encoding.UTF8.GetString(Body),
                Body);
            decision = await server.Options.OnPublish!(request, Cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!Cancellation.Token.IsCancellationRequested)
            {
                Log.OnPublishFailed(server.Logger, all.Session.Id, exception);
            }
        }

        // Not at all when the loop has stopped: then the session is over.
        all.Session.Home.Loop.Post(static answer => answer.All.Decide(answer.Message, answer.Decision), (All: all, Message: this, Decision: decision));
    }
}
