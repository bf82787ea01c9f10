namespace LanChat.Tests.Faults;

/// <summary>Names what must hold in every run, whatever happened in it.</summary>
internal enum Law
{
    /// <summary>Neither side ever takes the other for broken: no connection ends with a code that only a defect can bring.</summary>
    BothSidesUnderstand,

    /// <summary>An accepted message is in a log, at the sequence that was said.</summary>
    AcceptedIsThere,

    /// <summary>A rejected message is nowhere.</summary>
    RejectedIsNowhere,

    /// <summary>No message is published twice, not even one whose outcome is unknown; and no id of a session.</summary>
    NothingTwice,

    /// <summary>A member sees every entry once, or is told that it is missing, and why.</summary>
    SeenOrTold,

    /// <summary>What a member sees is what the log has, in its order, and marked as history if it is.</summary>
    OneOrder,

    /// <summary>Every member list is the room's, and the room's is what its entries say.</summary>
    RostersAgree,

    /// <summary>A client that reconnects does so until somebody says that it is over; and while its session lives, no outcome is unknown.</summary>
    ClientsComeBack,

    /// <summary>Every send ends, every join, every leave and every client.</summary>
    EverythingEnds,

    /// <summary>When all is over there is no connection, session, segment or timer left.</summary>
    NothingIsLeft,
}

/// <summary>Says which law did not hold, and how.</summary>
internal sealed class LawBrokenException(Law law, string how) : Exception($"{law}: {how}")
{
    internal Law Law { get; } = law;
}
