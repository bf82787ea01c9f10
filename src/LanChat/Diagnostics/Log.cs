using System.Net;
using System.Net.Sockets;
using LanChat.Connections;
using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <summary>Every line the server logs. Transitions, never traffic; no text, name or token of a stranger; but for what operators do.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {EndPoint} with {Loops} loops")]
    internal static partial void Listening(ILogger logger, EndPoint endPoint, int loops);

    [LoggerMessage(2, LogLevel.Information, "Stopping; {Connections} connections are open")]
    internal static partial void Stopping(ILogger logger, int connections);

    [LoggerMessage(3, LogLevel.Information, "Stopped")]
    internal static partial void Stopped(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "The stop's deadline came; {Connections} connections are cut off")]
    internal static partial void StopDeadline(ILogger logger, int connections);

    [LoggerMessage(10, LogLevel.Debug, "Session {Session} started from {EndPoint}")]
    internal static partial void SessionStarted(ILogger logger, ulong session, EndPoint? endPoint);

    [LoggerMessage(11, LogLevel.Debug, "Session {Session} ended: {Reason}")]
    internal static partial void SessionEnded(ILogger logger, ulong session, DisconnectReason reason);

    [LoggerMessage(12, LogLevel.Debug, "Connection from {EndPoint} ends: {Reason}")]
    internal static partial void ConnectionEnding(ILogger logger, EndPoint? endPoint, DisconnectReason reason);

    [LoggerMessage(13, LogLevel.Debug, "Connection from {EndPoint} was cut inside a frame")]
    internal static partial void EndedInsideFrame(ILogger logger, EndPoint? endPoint);

    [LoggerMessage(14, LogLevel.Debug, "Caller at {EndPoint} speaks {Language}, which is not served")]
    internal static partial void UnknownCaller(ILogger logger, EndPoint? endPoint, FirstBytes.Language language);

    [LoggerMessage(15, LogLevel.Debug, "Caller at {EndPoint} said goodbye with code {Code}")]
    internal static partial void PeerSaidBye(ILogger logger, EndPoint? endPoint, ushort code);

    [LoggerMessage(16, LogLevel.Warning, "Connections are refused: {Connections} are open")]
    internal static partial void TooManyConnections(ILogger logger, int connections);

    [LoggerMessage(17, LogLevel.Debug, "TLS handshake with {EndPoint} failed: {Why}")]
    internal static partial void HandshakeFailed(ILogger logger, EndPoint? endPoint, string why);

    [LoggerMessage(18, LogLevel.Information, "All {Count} identities of this user's servers are in use; this one has a new one, which is not kept")]
    internal static partial void IdentityNotKept(ILogger logger, int count);

    [LoggerMessage(19, LogLevel.Information, "Session {Session} at {EndPoint} is too slow for room {Room}: {Bytes} bytes and {Entries} entries behind; policy {Policy}")]
    internal static partial void TooSlow(ILogger logger, ulong session, EndPoint? endPoint, uint room, long bytes, long entries, SlowConsumerPolicy policy);

    [LoggerMessage(20, LogLevel.Information, "Session {Session} has caught up; {Entries} entries were passed over in {Skips} steps")]
    internal static partial void CaughtUp(ILogger logger, ulong session, long entries, int skips);

    [LoggerMessage(21, LogLevel.Information, "Session {Session} at {EndPoint} does not take its answers; {Bytes} bytes wait, and it is ended")]
    internal static partial void AnswersPileUp(ILogger logger, ulong session, EndPoint? endPoint, long bytes);

    [LoggerMessage(22, LogLevel.Error, "The app's Authenticate failed; the caller is refused")]
    internal static partial void AuthenticateFailed(ILogger logger, Exception exception);

    [LoggerMessage(23, LogLevel.Error, "The app's OnPublish failed; the message of session {Session} is rejected")]
    internal static partial void OnPublishFailed(ILogger logger, ulong session, Exception exception);

    [LoggerMessage(24, LogLevel.Error, "The app failed when a hook of its own was cancelled")]
    internal static partial void HookCancellationFailed(ILogger logger, Exception exception);

    [LoggerMessage(30, LogLevel.Debug, "Session {Session} waits for its client: {Reason}")]
    internal static partial void SessionDetached(ILogger logger, ulong session, DisconnectReason reason);

    [LoggerMessage(31, LogLevel.Debug, "Session {Session} goes on from {EndPoint}")]
    internal static partial void SessionResumed(ILogger logger, ulong session, EndPoint? endPoint);

    [LoggerMessage(90, LogLevel.Warning, "UDP port {Port} is not to be had ({Error}): messages go by TCP alone")]
    internal static partial void NoDatagrams(ILogger logger, int port, SocketError error);

    [LoggerMessage(91, LogLevel.Error, "Receiving datagrams on UDP port {Port} failed; it goes on, and further failures are not told")]
    internal static partial void DatagramsFail(ILogger logger, int port, Exception exception);
}
