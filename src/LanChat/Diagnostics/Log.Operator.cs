using System.Net;
using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <summary>What operators do, and who tries without being one: who, from where, what, to whom. Names are those of the name rule, all else has passed the sanitizer; texts are not logged.</summary>
internal static partial class Log
{
    [LoggerMessage(60, LogLevel.Information, "Operator {Name} at {EndPoint} did {Verb} '{Argument}'")]
    internal static partial void OperatorDid(ILogger logger, string name, EndPoint? endPoint, string verb, string argument);

    [LoggerMessage(61, LogLevel.Information, "Operator {Name} at {EndPoint} could not {Verb} '{Argument}': {Reason}")]
    internal static partial void OperatorRefused(ILogger logger, string name, EndPoint? endPoint, string verb, string argument, DisconnectReason reason);

    [LoggerMessage(62, LogLevel.Warning, "{Name} at {EndPoint} is no operator and was refused '{Verb}'")]
    internal static partial void NoOperator(ILogger logger, string name, EndPoint? endPoint, string verb);

    [LoggerMessage(63, LogLevel.Information, "The app did {Verb} '{Argument}'")]
    internal static partial void AppDid(ILogger logger, string verb, string argument);

    [LoggerMessage(64, LogLevel.Debug, "Caller at {EndPoint} is banned and was refused")]
    internal static partial void BannedCaller(ILogger logger, EndPoint? endPoint);
}
