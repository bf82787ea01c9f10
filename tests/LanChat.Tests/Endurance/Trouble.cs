namespace LanChat.Tests.Endurance;

/// <summary>What an application's reading loop does with the first event that it gets.</summary>
public enum Trouble
{
    /// <summary>It throws.</summary>
    Throws,

    /// <summary>It never comes back, and keeps its thread.</summary>
    BlocksItsThread,

    /// <summary>It awaits something that does not happen.</summary>
    AwaitsForEver,

    /// <summary>It sends, and awaits what became of it.</summary>
    Sends,

    /// <summary>It leaves the room whose events it reads.</summary>
    Leaves,

    /// <summary>It ends its own connection and awaits that.</summary>
    Stops,

    /// <summary>It disposes its own client, twice.</summary>
    Disposes,

    /// <summary>It has its own member kicked.</summary>
    KicksItself,

    /// <summary>It has somebody else kicked.</summary>
    KicksAnother,

    /// <summary>It stops the server.</summary>
    StopsTheServer,
}
