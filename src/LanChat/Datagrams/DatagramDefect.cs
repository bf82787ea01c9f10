using LanChat.Diagnostics;

namespace LanChat.Datagrams;

/// <summary>Why a server dropped a datagram, without a word to anybody.</summary>
internal enum DatagramDefect
{
    /// <summary>Nothing: it was taken.</summary>
    None,

    /// <summary>Too short, too long, or something else altogether.</summary>
    Foreign,

    /// <summary>There is no such connection, or not any more.</summary>
    Unknown,

    /// <summary>Its counter has come already, or is too old to tell.</summary>
    Replayed,

    /// <summary>It was not sealed by who has the key.</summary>
    Forged,

    /// <summary>More wait to be carried out than may; or so many were forged that none of the connection is looked at for a second.</summary>
    TooMany,

    /// <summary>What was sealed is no frame that goes by UDP.</summary>
    Malformed,

    /// <summary>An id that is neither the next one nor a repeat that is still known.</summary>
    OutOfOrder,
}

/// <summary>Counts what was dropped.</summary>
internal static class DatagramDefects
{
    // Boxed once: a flood of datagrams costs no memory.
    private static readonly KeyValuePair<string, object?>[] Tags =
        [.. Enum.GetValues<DatagramDefect>().Select(defect => new KeyValuePair<string, object?>(Metrics.DefectTag, defect))];

    internal static void Count(this DatagramDefect defect)
    {
        if (defect != DatagramDefect.None)
        {
            Metrics.MessageDatagramsDropped.Add(1, Tags[(int)defect]);
        }
    }
}
