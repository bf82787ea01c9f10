namespace LanChat.Connections.Client;

/// <content>Messages that go by UDP: each when nothing before it is open, and nothing after it until it has its outcome or went by TCP. So ids reach the server in order, whatever the network does.</content>
internal sealed partial class ClientSends
{
    /// <summary>Sends a message by TCP that was not answered by UDP, under the same id, and then what waits. Caller holds the Gate.</summary>
    internal void SendByTcp(ClientSend send)
    {
        if (_output is { IsOpen: true } output)
        {
            WriteByTcp(send);
            AdmitWaiting();
            output.Flush();
        }
    }

    /// <summary>Sends the message that is under way by UDP, if one is, by TCP as well: what is written next must not overtake it. Caller holds the Gate and flushes the output.</summary>
    /// <remarks>What waits stays where it is until the socket has taken this: the caller is in the midst of writing.</remarks>
    internal void BringToTcp()
    {
        if (_output is { IsOpen: true } && _datagrams?.TakeBack() is { } underway)
        {
            WriteByTcp(underway);
        }
    }

    private bool GoesByUdp(ClientSend send) => send.Transport == MessageTransport.Udp && _datagrams is { } datagrams && datagrams.Takes(send);

    private void WriteByTcp(ClientSend send)
    {
        _datagrams?.Forget(send);
        send.WriteTo(_output!.Writer);
    }
}
