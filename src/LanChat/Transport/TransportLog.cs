using System.Net;
using Microsoft.Extensions.Logging;

namespace LanChat.Transport;

/// <summary>What the transport says to a log: failures and transitions, never traffic.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(1, LogLevel.Error, "Loop {Loop}: the connection from {Remote} failed and is reset.")]
    internal static partial void ConnectionFailed(this ILogger logger, string loop, IPEndPoint? remote, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Loop {Loop}: posted work failed.")]
    internal static partial void PostedWorkFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Loop {Loop}: a source of the round failed.")]
    internal static partial void RoundSourceFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(4, LogLevel.Critical, "Loop {Loop} failed and ends all its connections.")]
    internal static partial void LoopFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Accepting on {Local} fails: {Error}. It goes on.")]
    internal static partial void AcceptFails(this ILogger logger, EndPoint local, string error);

    [LoggerMessage(6, LogLevel.Information, "Accepting on {Local} works again.")]
    internal static partial void AcceptWorksAgain(this ILogger logger, EndPoint local);

    [LoggerMessage(7, LogLevel.Error, "A new connection on {Local} was given up: its handler failed.")]
    internal static partial void AcceptHandlerFailed(this ILogger logger, EndPoint local, Exception exception);
}
