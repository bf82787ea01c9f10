using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Faults;

/// <content>TLS between the client's frames and the wire.</content>
internal sealed partial class FaultStream
{
    // What decrypts to nothing, of the handshake, is Ok too: more may be there.
    private LinkStatus ReceiveTls(MemoryTls tls)
    {
        LinkStatus wire = _fromServer.Read(_ciphertext, out int read);
        if (wire != LinkStatus.Ok)
        {
            return wire;
        }

        LinkStatus status = LinkStatus.WouldBlock;
        _tap.Receive(tls.Read(_ciphertext[..read], ref status));
        return status == LinkStatus.Broken ? LinkStatus.Broken : LinkStatus.Ok;
    }

    // What TLS itself has to say, the wire may not have taken whole; nobody waits for that.
    private bool FlushHandshake()
    {
        lock (_gate)
        {
            if (_tls is null or { IsFlushed: true })
            {
                return false;
            }

            long before = _toServer.Written;
            _tls.Flush();
            return _toServer.Written > before;
        }
    }

    private bool TryWriteRestTls(MemoryTls tls)
    {
        if (tls.IsOpen && !_tap.Unsent.IsEmpty)
        {
            tls.Write(_tap.Unsent);
            _tap.Sent(_tap.Unsent.Length);
        }

        if (!tls.Flush())
        {
            HasWriteFailed = true;
            throw new IOException("The connection was reset.");
        }

        return _tap.Unsent.IsEmpty && tls.IsFlushed;
    }
}
