using System.Net;
using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <content>Proofs: who showed a wrong one, and who became an operator. Never the code, the token or a proof.</content>
internal static partial class Log
{
    [LoggerMessage(40, LogLevel.Information, "Caller at {EndPoint} did not prove what it was asked for (bits {Wanted})")]
    internal static partial void ProofWrong(ILogger logger, EndPoint? endPoint, byte wanted);

    [LoggerMessage(41, LogLevel.Warning, "Too many proofs from {Address} were wrong; until the minute is over no other is looked at")]
    internal static partial void TooManyProofs(ILogger logger, IPAddress address);

    [LoggerMessage(42, LogLevel.Information, "Session {Session} at {EndPoint} has operator rights")]
    internal static partial void OperatorProved(ILogger logger, ulong session, EndPoint? endPoint);
}
