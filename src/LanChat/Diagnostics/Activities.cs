using System.Diagnostics;

namespace LanChat.Diagnostics;

/// <summary>The activities of the <c>LanChat</c> source: what a client waits for, and a server's stop. Free while nobody listens; catalogue: docs/diagnostics.md.</summary>
internal static class Activities
{
    internal const string Find = "lanchat.client.find";
    internal const string Connect = "lanchat.client.connect";
    internal const string Reconnect = "lanchat.client.reconnect";
    internal const string Join = "lanchat.client.join";
    internal const string Send = "lanchat.client.send";
    internal const string Stop = "lanchat.server.stop";

    /// <summary>The tag that says how it came out: <c>ok</c>, a <see cref="DisconnectReason"/>, <c>Unknown</c>, <c>Ended</c> or <c>Cancelled</c>.</summary>
    internal const string OutcomeTag = "lanchat.outcome";

    private static readonly ActivitySource Source = new("LanChat");

    /// <summary>Does the work, as an activity if anybody listens.</summary>
    internal static ValueTask<T> TraceAsync<TState, T>(string name, TState state, Func<TState, ValueTask<T>> work) =>
        Source.HasListeners() ? TraceHeardAsync(name, state, work) : work(state);

    internal static async Task TraceAsync(string name, Func<Task> work)
    {
        using Activity? activity = Source.StartActivity(name);
        await work().ConfigureAwait(false);
    }

    // Async, so that the activity is current for the work and not for the caller, who goes on meanwhile.
    private static async ValueTask<T> TraceHeardAsync<TState, T>(string name, TState state, Func<TState, ValueTask<T>> work)
    {
        using Activity? activity = Source.StartActivity(name, ActivityKind.Client);
        try
        {
            T result = await work(state).ConfigureAwait(false);
            Note(activity, result is null ? nameof(ChatState.Ended) : result is SendResult sent ? Failure(in sent) : null);
            return result;
        }
        catch (Exception exception)
        {
            Note(activity, exception switch
            {
                ChatException failed => failed.Reason.ToString(),
                OperationCanceledException => "Cancelled",
                _ => exception.GetType().Name,
            });
            throw;
        }
    }

    private static string? Failure(in SendResult result) =>
        result.IsAccepted ? null : result.Outcome == SendOutcome.Unknown ? nameof(SendOutcome.Unknown) : result.Reason.ToString();

    private static void Note(Activity? activity, string? failure)
    {
        activity?.SetTag(OutcomeTag, failure ?? "ok");
        activity?.SetStatus(failure is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
    }
}
