using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Security;

namespace LanChat.Connections;

/// <content>What is to be proved between HELLO and WELCOME (docs/protocol.md, section 5). A caller of whom nothing is wanted never comes here.</content>
internal sealed partial class FrameCaller
{
    // HELLO, while its caller proves something or the app is asked about it.
    private HelloRequest? _request;

    /// <summary>Asks for proofs. Until they come, everything else but BYE is discarded: it was sent without knowing that they are wanted, and comes again behind them.</summary>
    private void AskForProofs(in HelloFrame hello, byte wanted)
    {
        var challenge = new ProofChallenge(wanted);
        _request = new HelloRequest(in hello, challenge);
        Span<byte> serverId = stackalloc byte[ServerId.Bytes];
        Server.Identity.Id.WriteTo(serverId);
        new ChallengeFrame { Wanted = wanted, Nonce = challenge.Nonce, ServerId = serverId }.WriteTo(Connection.Output);
        Connection.Loop.Queue(Connection);
    }

    private void HandleUnproved(HelloRequest request, ProofChallenge challenge, FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Prove when ProveFrame.TryDecode(body, out ProveFrame prove):
                OnProve(request, challenge, in prove);
                break;
            case FrameType.Bye when ByeFrame.TryDecode(body, out ByeFrame bye):
                Log.PeerSaidBye(Server.Logger, Connection.Link.RemoteEndPoint, bye.Code);
                Connection.EndByPeer(isForGood: true);
                break;
            case FrameType.Prove or FrameType.Bye:
                Violation("a malformed frame");
                break;
            default:
                break;
        }
    }

    private void OnProve(HelloRequest request, ProofChallenge challenge, in ProveFrame prove)
    {
        HelloFrame hello = request.Frame;
        var transcript = new ProofTranscript { Channel = Connection.Channel, ClientNonce = hello.Nonce, ServerNonce = challenge.Nonce, Name = hello.Name };
        ProofResult result = Server.Proofs.Check(Connection.Link, in transcript, challenge.Wanted, in prove, challenge.Proofs);
        if (!Connection.PassesProof(result, challenge.SentenceWhenWrong))
        {
            return;
        }

        if (TurnAway())
        {
            return;
        }

        Connection.IsOperator = (challenge.Wanted & ProofBits.Operator) != 0;
        Admit(in hello);
        if (!IsAuthenticating)
        {
            ForgetHello();
        }
    }

    internal override void OnGone()
    {
        base.OnGone();
        _request?.Clear();
    }

    // All that came of it is done: the session has begun, or never will.
    private void ForgetHello()
    {
        _request?.Clear();
        _request = null;
        if (Connection is { IsOperator: true, Session: { } session })
        {
            Log.OperatorProved(Server.Logger, session.Id, Connection.Link.RemoteEndPoint);
        }
    }

    private void EndWithoutHello()
    {
        string seconds = $"{Server.Options.HelloTimeout.TotalSeconds:0.###} s";
        Metrics.CountLimit(nameof(ChatServerOptions.HelloTimeout));
        if (_request?.Challenge is not null)
        {
            Connection.End(DisconnectReason.NotProved, $"no proof came within {seconds}");
        }
        else
        {
            Violation($"no HELLO within {seconds}");
        }
    }
}
