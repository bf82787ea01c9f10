using System.Net;
using System.Net.Sockets;

namespace LanChat.Tests.Support;

/// <summary>A port of loopback that nobody used a moment ago.</summary>
internal static class FreePort
{
    internal static int Tcp() => Of(SocketType.Stream, ProtocolType.Tcp);

    internal static int Udp() => Of(SocketType.Dgram, ProtocolType.Udp);

    private static int Of(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
