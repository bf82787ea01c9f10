using System.Buffers;
using LanChat.Diagnostics;
using LanChat.Text;
using LanChat.Transport;

namespace LanChat.Connections;

/// <content>A caller that starts TLS: its link is put under a <see cref="TlsLink"/>, and when the handshake is over it speaks frames in there, and nothing else.</content>
internal sealed partial class ServerConnection
{
    /// <summary>Enough for what the TLS library says about a failure.</summary>
    private const int MaxFailureChars = 300;

    internal override void OnSecured()
    {
        CountHandshake("completed");
        StartTalking(FirstBytes.Language.Frames, greetAfter: SniffTime);
    }

    private void StartHandshake(in ReadOnlySequence<byte> first)
    {
        _phase = Phase.Handshaking;
        var tls = new TlsLink(Link, this, Server.Handshakes, _loop.TlsBuffers);
        Link = tls;
        ScheduleNext(HelloDue);
        if (tls.Start(first) == LinkStatus.Broken)
        {
            Close(reset: true);
        }
    }

    // However it failed: the caller's doing, the deadline, or the stop. There is no language yet in which to say so.
    private void NoteHandshakeFailed()
    {
        CountHandshake("failed");
        string failure = ((TlsLink)Link).Failure;
        string why = failure.Length > 0 ? failure : Server.IsDraining ? "the server stops" : Loop.Timestamp >= HelloDue ? "it took too long" : "the caller left";
        Log.HandshakeFailed(Server.Logger, Link.RemoteEndPoint, TextRules.SanitizeToLine(why.Length > MaxFailureChars ? why[..MaxFailureChars] : why));
    }

    private static void CountHandshake(string result) =>
        Metrics.Handshakes.Add(1, new KeyValuePair<string, object?>(Metrics.ResultTag, result));
}
