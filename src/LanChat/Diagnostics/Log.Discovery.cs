using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <summary>The lines of discovery, from 300 on.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "Announcing on UDP port {Port}, on {Interfaces}")]
    internal static partial void Announcing(ILogger logger, int port, string interfaces);

    [LoggerMessage(301, LogLevel.Warning, "Clients may not find this server: {Problem}")]
    internal static partial void AnnouncingBadly(ILogger logger, string problem);

    [LoggerMessage(302, LogLevel.Debug, "Announcing on {Interfaces} from now on")]
    internal static partial void AnnouncingOn(ILogger logger, string interfaces);

    [LoggerMessage(303, LogLevel.Warning, "Servers may not be found: {Problem}")]
    internal static partial void BrowsingBadly(ILogger logger, string problem);

    [LoggerMessage(304, LogLevel.Debug, "Cannot send discovery datagrams on {Interface} to {Destination}: {Error}")]
    internal static partial void DatagramNotSent(ILogger logger, string @interface, IPAddress destination, SocketError error);

    [LoggerMessage(305, LogLevel.Debug, "Cannot join the group {Group} on {Interface}: {Error}")]
    internal static partial void GroupNotJoined(ILogger logger, IPAddress group, string @interface, SocketError error);

    [LoggerMessage(306, LogLevel.Debug, "Receiving discovery datagrams failed: {Error}")]
    internal static partial void DatagramNotReceived(ILogger logger, SocketError error);

    [LoggerMessage(307, LogLevel.Warning, "The network interfaces cannot be listed: {Error}")]
    internal static partial void InterfacesUnknown(ILogger logger, string error);

    [LoggerMessage(309, LogLevel.Error, "Discovery goes on, but {What} failed")]
    internal static partial void DiscoveryFailed(ILogger logger, string what, Exception exception);
}
