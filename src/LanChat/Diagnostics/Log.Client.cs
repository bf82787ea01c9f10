using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <summary>Every log line, with its number. The client's are from 200 on; transitions only, never traffic.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "Connected to {Where} ({ServerName}) as {Name}")]
    internal static partial void ClientConnected(ILogger logger, string where, string serverName, string name);

    [LoggerMessage(201, LogLevel.Information, "The connection to {Where} ended: {Reason}: {Text}")]
    internal static partial void ClientEnded(ILogger logger, string where, DisconnectReason reason, string text);

    [LoggerMessage(202, LogLevel.Warning, "{Where} broke the protocol: {Violation}")]
    internal static partial void ServerViolation(ILogger logger, string where, string violation);

    [LoggerMessage(203, LogLevel.Debug, "Stopped reading from {Where}: a reader is full")]
    internal static partial void ReadingPaused(ILogger logger, string where);

    [LoggerMessage(204, LogLevel.Warning, "A full reader of '{Room}' loses events, because an answer is awaited")]
    internal static partial void ReaderLoses(ILogger logger, string room);

    [LoggerMessage(205, LogLevel.Error, "The connection to {Where} ends by a defect of this library")]
    internal static partial void ClientDefect(ILogger logger, Exception exception, string where);

    [LoggerMessage(206, LogLevel.Information, "Contact with {Where} was lost: {Reason}: {Text}")]
    internal static partial void ContactLost(ILogger logger, string where, DisconnectReason reason, string text);

    [LoggerMessage(207, LogLevel.Debug, "Attempt {Attempt} to reach {Where} again failed: {Reason}: {Text}")]
    internal static partial void AttemptFailed(ILogger logger, int attempt, string where, DisconnectReason reason, string text);

    [LoggerMessage(208, LogLevel.Information, "Connected to {Where} again as {Name}; the session goes on: {IsResumed}")]
    internal static partial void ConnectedAgain(ILogger logger, string where, string name, bool isResumed);

    [LoggerMessage(220, LogLevel.Information, "Messages by UDP do not reach {Where} or are not answered; they go by TCP, and are tried again in {Pause}")]
    internal static partial void DatagramsUnanswered(ILogger logger, string where, TimeSpan pause);
}
