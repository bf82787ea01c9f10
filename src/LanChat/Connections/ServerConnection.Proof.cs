using LanChat.Security;

namespace LanChat.Connections;

/// <content>What a caller has proved, and the end of one who has not.</content>
internal sealed partial class ServerConnection
{
    /// <summary>How long after a wrong proof its caller is told: the same for every wrong one, and long enough that guessing over a connection is slow even where it is not counted.</summary>
    internal static readonly TimeSpan WrongProofTime = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets whether the caller has proved operator rights. They last as long as this connection, whatever becomes of the session.</summary>
    internal bool IsOperator { get; set; }

    /// <summary>Gets whose key TLS has proved to the caller, to which its proofs are bound; null on plain links.</summary>
    internal ServerId? Channel => IsSecure ? Server.Identity.Id : null;

    /// <summary>Goes on, or ends the connection: after a wrong proof not at once, and what the caller says until then is not looked at.</summary>
    /// <param name="result">What became of the proof.</param>
    /// <param name="sentence">What to say about a wrong one.</param>
    internal bool PassesProof(ProofResult result, string sentence)
    {
        switch (result)
        {
            case ProofResult.Right:
                return true;
            case ProofResult.Wrong:
                _phase = Phase.Refusing;
                _endText = sentence;
                _phaseDue = After(WrongProofTime);
                ScheduleNext(_phaseDue);
                return false;
            default:
                End(DisconnectReason.TooFast, "too many wrong codes or proofs came from your address; wait a minute and try again");
                return false;
        }
    }
}
