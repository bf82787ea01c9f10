using LanChat.Datagrams;

namespace LanChat.Connections;

/// <content>What comes by UDP for this connection: for as long as it is attached to its session, and inside TLS.</content>
internal sealed partial class ServerConnection
{
    private ConnectionDatagrams? _datagrams;

    /// <summary>Makes number and secret for WELCOME; null where there is no UDP.</summary>
    internal ConnectionDatagrams? OpenDatagrams() => _datagrams = IsSecure ? Server.Datagrams?.Open(this) : null;

    /// <summary>Acts on a frame that came by UDP, and writes the answer, if there is one.</summary>
    internal DatagramDefect ActOnDatagram(ReadOnlySpan<byte> frame, DatagramWriter answer) =>
        IsTalking ? _caller!.OnDatagram(frame, answer) : DatagramDefect.Unknown;

    private void CloseDatagrams()
    {
        _datagrams?.Close();
        _datagrams = null;
    }
}
