using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LanChat.Connections;
using LanChat.Framing;

namespace LanChat.Datagrams;

/// <summary>Whether a client is where its datagrams say, when that is not where its TCP connection is from: it is asked by a PING there, and only once the echo has come, that address is answered.</summary>
/// <remarks>Whoever can take a genuine datagram off the wire can send it on under any address. So nothing goes to such an address but one PING a second, which is no longer than what came. On the connection's
/// loop.</remarks>
internal sealed class ForeignPath
{
    private const int PingBytes = FrameLimits.TypeBytes + sizeof(ulong);

    private static readonly TimeSpan ChallengeInterval = TimeSpan.FromSeconds(1);

    private SocketAddress? _proved;
    private SocketAddress? _asked;
    private ulong _question;
    private long _nextChallenge;

    internal bool IsProved(SocketAddress source) => _proved is not null && DatagramAddress.AreSame(source, _proved);

    /// <summary>Looks whether a datagram is the echo that proves its address.</summary>
    internal void Note(ReceivedDatagram datagram)
    {
        if (_asked is not null && DatagramAddress.AreSame(datagram.Source, _asked) && (FrameType)datagram.Frame[0] == FrameType.Pong
            && PongFrame.TryDecode(datagram.Frame[1..], out PongFrame pong) && pong.Opaque == _question)
        {
            _proved = _asked;
            _asked = null;
        }
    }

    /// <summary>Writes the PING to where a datagram came from, unless one was written a moment ago, or it would be the longer one.</summary>
    internal void TryChallenge(ReceivedDatagram datagram, ServerConnection connection, DatagramWriter output)
    {
        if (connection.Loop.Timestamp < _nextChallenge || datagram.Frame.Length < PingBytes)
        {
            return;
        }

        _nextChallenge = connection.After(ChallengeInterval);
        _asked = DatagramAddress.Copy(datagram.Source);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref _question)));
        new PingFrame { Opaque = _question }.WriteTo(output);
    }
}
