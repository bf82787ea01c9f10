namespace LanChat;

/// <summary>Says what became of a message, or of an operator's command: exactly one of accepted, rejected or unknown.</summary>
public readonly record struct SendResult
{
    private SendResult(SendOutcome outcome, long sequence, long id, DisconnectReason reason, string text)
    {
        Outcome = outcome;
        Sequence = sequence;
        Id = id;
        Reason = reason;
        Text = text;
    }

    /// <summary>Gets which of the three it is.</summary>
    public SendOutcome Outcome { get; }

    /// <summary>Gets whether the message is in the room's log, once, for all members; or the command was carried out.</summary>
    public bool IsAccepted => Outcome == SendOutcome.Accepted;

    /// <summary>Gets the entry's sequence when accepted, else 0; 0 for a command too. 0 with <see cref="IsAccepted"/>: carried out, the sequence is no longer known.</summary>
    public long Sequence { get; }

    /// <summary>Gets the id under which the message was sent, from 1 within a session.</summary>
    public long Id { get; }

    /// <summary>Gets why the message was rejected, or why its outcome is unknown.</summary>
    public DisconnectReason Reason { get; }

    /// <summary>Gets the server's sentence about a rejection, or what it adds to a command that was carried out; empty otherwise. Safe to print.</summary>
    public string Text => field ?? "";

    /// <summary>Creates the result of a message that the room has.</summary>
    public static SendResult Accepted(long id, long sequence) => new(SendOutcome.Accepted, sequence, id, default, "");

    /// <summary>Creates the result of a command that was carried out.</summary>
    internal static SendResult Carried(long id, string text) => new(SendOutcome.Accepted, 0, id, default, text);

    /// <summary>Creates the result of a message that was not carried out.</summary>
    public static SendResult Rejected(long id, DisconnectReason reason, string text) => new(SendOutcome.Rejected, 0, id, reason, text);

    /// <summary>Creates the result of a message whose outcome was lost with its session: sending it anew may double it.</summary>
    public static SendResult Unknown(long id, DisconnectReason reason) => new(SendOutcome.Unknown, 0, id, reason, "");
}

/// <summary>Names the three ways in which a send can end.</summary>
public enum SendOutcome
{
    /// <summary>The client ended, or the server forgot it, before the outcome was known. Sending the message anew may double it.</summary>
    Unknown,

    /// <summary>The message is in the log, once.</summary>
    Accepted,

    /// <summary>The message was not carried out, and never will be.</summary>
    Rejected,
}
