using System.Net;
using Microsoft.Extensions.Logging;

namespace LanChat.Transport;

/// <summary>What the transport says to a log, numbered from 100 on: failures and transitions, never traffic.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(101, LogLevel.Error, "Loop {Loop}: the connection from {Remote} failed and is reset.")]
    internal static partial void ConnectionFailed(this ILogger logger, string loop, IPEndPoint? remote, Exception exception);

    [LoggerMessage(102, LogLevel.Error, "Loop {Loop}: posted work failed.")]
    internal static partial void PostedWorkFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(103, LogLevel.Error, "Loop {Loop}: a source of the round failed.")]
    internal static partial void RoundSourceFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(104, LogLevel.Critical, "Loop {Loop} failed and ends all its connections.")]
    internal static partial void LoopFailed(this ILogger logger, string loop, Exception exception);

    [LoggerMessage(105, LogLevel.Warning, "Accepting on {Local} fails: {Error}. It goes on.")]
    internal static partial void AcceptFails(this ILogger logger, EndPoint local, string error);

    [LoggerMessage(106, LogLevel.Information, "Accepting on {Local} works again.")]
    internal static partial void AcceptWorksAgain(this ILogger logger, EndPoint local);

    [LoggerMessage(107, LogLevel.Error, "A new connection on {Local} was given up: its handler failed.")]
    internal static partial void AcceptHandlerFailed(this ILogger logger, EndPoint local, Exception exception);
}
