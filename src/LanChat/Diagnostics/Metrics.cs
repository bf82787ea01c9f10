using System.Diagnostics.Metrics;

namespace LanChat.Diagnostics;

/// <summary>The counters of the <c>LanChat</c> meter. Free while nobody listens; no tag holds anything that a stranger chose.</summary>
internal static class Metrics
{
    /// <summary>The tag that says why: a <see cref="DisconnectReason"/>.</summary>
    internal const string ReasonTag = "reason";

    /// <summary>The tag that says how it went.</summary>
    internal const string ResultTag = "result";

    /// <summary>The tag that says what is wrong with a datagram.</summary>
    internal const string DefectTag = "defect";

    /// <summary>The tag that says what became of a slow consumer: a <see cref="SlowConsumerPolicy"/>.</summary>
    internal const string PolicyTag = "policy";

    /// <summary>The tag that says which limit: the name of its option.</summary>
    internal const string LimitTag = "limit";

    private static readonly Meter Meter = new("LanChat");

    /// <summary>Sessions that are alive, also those that wait for their clients.</summary>
    internal static readonly UpDownCounter<int> Sessions = Meter.CreateUpDownCounter<int>("lanchat.server.sessions", "{session}");

    /// <summary>Sessions that wait for their clients.</summary>
    internal static readonly UpDownCounter<int> DetachedSessions = Meter.CreateUpDownCounter<int>("lanchat.server.sessions.detached", "{session}");

    /// <summary>Sessions that went on over a newer connection.</summary>
    internal static readonly Counter<long> ResumedSessions = Meter.CreateCounter<long>("lanchat.server.sessions.resumed", "{session}");

    /// <summary>Sessions whose clients did not come back in time, or that waited longest when too many did.</summary>
    internal static readonly Counter<long> ExpiredSessions = Meter.CreateCounter<long>("lanchat.server.sessions.expired", "{session}");

    /// <summary>Connections that ended, by reason.</summary>
    internal static readonly Counter<long> ConnectionsEnded = Meter.CreateCounter<long>("lanchat.server.connections.ended", "{connection}");

    /// <summary>What a limit on callers refused or ended, by the option that sets it.</summary>
    internal static readonly Counter<long> LimitsReached = Meter.CreateCounter<long>("lanchat.server.limits", "{refusal}");

    /// <summary>Callers that spoke no language known here, or one for another kind of server.</summary>
    internal static readonly Counter<long> UnknownCallers = Meter.CreateCounter<long>("lanchat.server.callers.unknown", "{connection}");

    /// <summary>Callers that were refused because their name or address is banned.</summary>
    internal static readonly Counter<long> BannedCallers = Meter.CreateCounter<long>("lanchat.server.callers.banned", "{caller}");

    /// <summary>TLS handshakes that came to an end, by result: completed or failed.</summary>
    internal static readonly Counter<long> Handshakes = Meter.CreateCounter<long>("lanchat.server.handshakes", "{handshake}");

    /// <summary>Proofs that callers showed, join codes that people typed included, by result: right, wrong, or too many wrong ones before it.</summary>
    internal static readonly Counter<long> Proofs = Meter.CreateCounter<long>("lanchat.server.proofs", "{proof}");

    /// <summary>Messages that rooms took.</summary>
    internal static readonly Counter<long> Messages = Meter.CreateCounter<long>("lanchat.server.messages", "{message}");

    /// <summary>Messages that were rejected, by reason.</summary>
    internal static readonly Counter<long> Rejected = Meter.CreateCounter<long>("lanchat.server.messages.rejected", "{message}");

    /// <summary>Sends: one for each connection and round, of everything it lacks.</summary>
    internal static readonly ObservableCounter<long> Sends = Meter.CreateObservableCounter("lanchat.server.sends", static () => LoopTraffic.Sends, "{send}");

    /// <summary>The bytes of those sends, before encryption.</summary>
    internal static readonly ObservableCounter<long> SentBytes = Meter.CreateObservableCounter("lanchat.server.sent_bytes", static () => LoopTraffic.Bytes, "By");

    /// <summary>Episodes in which a connection was too slow, by policy.</summary>
    internal static readonly Counter<long> SlowConsumers = Meter.CreateCounter<long>("lanchat.server.slow_consumers", "{episode}");

    /// <summary>Entries that slow connections were not sent because they were moved on past them.</summary>
    internal static readonly Counter<long> SkippedEntries = Meter.CreateCounter<long>("lanchat.server.entries.skipped", "{entry}");

    /// <summary>Datagrams that reached the chat port's UDP twin, whatever they were.</summary>
    internal static readonly Counter<long> MessageDatagramsReceived = Meter.CreateCounter<long>("lanchat.server.datagrams.received", "{datagram}");

    /// <summary>Those that were dropped, by defect.</summary>
    internal static readonly Counter<long> MessageDatagramsDropped = Meter.CreateCounter<long>("lanchat.server.datagrams.dropped", "{datagram}");

    /// <summary>Datagrams that a server sent: answers, and questions whether somebody is there.</summary>
    internal static readonly Counter<long> MessageDatagramsSent = Meter.CreateCounter<long>("lanchat.server.datagrams.sent", "{datagram}");

    /// <summary>Discovery datagrams that were not taken, by defect.</summary>
    internal static readonly Counter<long> DatagramsDropped = Meter.CreateCounter<long>("lanchat.discovery.datagrams.dropped", "{datagram}");

    /// <summary>Questions of clients that were answered.</summary>
    internal static readonly Counter<long> Replies = Meter.CreateCounter<long>("lanchat.discovery.replies", "{datagram}");

    /// <summary>Counts that a limit was reached.</summary>
    /// <param name="option">The option that sets it.</param>
    /// <param name="isReached">Whether it was.</param>
    internal static void CountLimit(string option, bool isReached = true)
    {
        if (isReached)
        {
            LimitsReached.Add(1, new KeyValuePair<string, object?>(LimitTag, option));
        }
    }
}
