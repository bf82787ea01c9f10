namespace LanChat.Tests.Hostile;

/// <summary>The list of hostile inputs and faults that LanChat is held against: 38 lines, each with its items.</summary>
/// <remarks>A test that shows what comes of an item has <see cref="HostileInputAttribute"/>, wherever it lives; an item without a test has its reason here.
/// <see cref="HostileInputsTests"/> sees to it that each has the one or the other.</remarks>
internal static class HostileInputs
{
    internal static IReadOnlyDictionary<int, string[]> Lines { get; } = new Dictionary<int, string[]>
    {
        [1] = ["frame length 0", "frame length negative", "frame length 2^31", "frame length 16 MiB + 1"],
        [2] = ["one byte per second before TLS", "one byte per second before the welcome", "one byte per second inside a frame"],
        [3] = ["a length prefix split at every byte"],
        [4] = ["a TLS client that rejects the certificate and keeps the socket open"],
        [5] = ["HTTP in plain text", "SSH in plain text", "the old protocol in plain text"],
        [6] = ["64 stalled handshakes, then a good client"],
        [7] = ["1,000 connects a second from one address"],
        [8] = ["a join proof replayed from another connection"],
        [9] = ["a relay with its own key, open room", "a relay with its own key, pinned server", "a relay with its own key, join code"],
        [10] = ["a pinned address with a new key", "a pinned name with a new key"],
        [11] = ["known_servers corrupt", "known_servers empty", "known_servers read-only", "known_servers written by two processes"],
        [12] = ["identity readable by others", "identity truncated", "identity deleted at run time"],
        [13] = ["a wrong operator token", "a member that sends commands", "a member's proof as an operator's"],
        [14] = ["a token after its rotation", "a token that has expired", "a token for another session", "a token after a restart of the server"],
        [15] =
        [
            "names in another case", "names in NFC and NFD", "names in full width", "names in Cyrillic", "names with U+3164", "names from right to left", "names with 100 marks", "reserved names",
            "a name cut at 64 bytes inside a character",
        ],
        [16] = ["two clients claim one name at once"],
        [17] = ["a ghost with a pulled cable", "a ghost's name reclaimed"],
        [18] =
        [
            "ESC ] 52", "ESC ] 8", "ESC [ 2 J", "CSI in C1", "CR over the line", "override of direction", "half a surrogate pair", "overlong UTF-8", "NUL", "4,096 marks", "a line feed and a faked sender",
            "in a server's name", "in a topic", "in the text of a kick", "in a beacon", "in each text of each frame",
        ],
        [19] =
        [
            "beacon cut at each length", "beacon field beyond the end", "beacon field twice", "beacon field critical and unknown", "beacon with a bad signature", "beacon with another id",
            "beacon of an earlier sequence or epoch", "beacon of 65,507 bytes", "beacon with port 0", "beacon with escapes in its name",
        ],
        [20] = ["a forged goodbye for a live server"],
        [21] = ["10,000 invented servers"],
        [22] = ["a flood of questions", "a short question", "a question from off the link", "a question by unicast"],
        [23] = ["an interface comes, goes, changes", "no route", "only loopback", "only IPv6", "a bridge of containers"],
        [24] = ["two servers and five clients on one machine", "the discovery port taken by another program"],
        [25] = ["machines kept apart by their network"],
        [26] = ["datagrams replayed, reordered, changed, of old keys, of the wrong direction, of the last counter, too short, too long, from elsewhere", "a million mutations of a datagram"],
        [27] = ["datagrams lost, doubled, their answers lost, blocked in mid-session"],
        [28] = ["one id by TCP and UDP at once"],
        [29] = ["another address in mid-session", "a faked address as a reflector"],
        [30] = ["one that does not read while 100 others talk"],
        [31] = ["the server killed between store and answer"],
        [32] = ["the clock jumps by a day, forwards and back"],
        [33] = ["ICMP errors on the sockets of discovery", "ICMP errors on the sockets of messages"],
        [34] = ["no file descriptor left to accept with"],
        [35] = ["the disk full when a server is to be remembered", "the disk full when history is to be kept"],
        [36] = ["invariant globalisation"],
        [37] = ["a peer with TLS 1.2 alone", "a peer with TLS 1.1", "a peer without ALPN"],
        [38] =
        [
            "a million mutations of each frame", "a million mutations of HELLO", "a million mutations of a beacon", "a million mutations of lines", "a million mutations of known_servers",
            "a million mutations of texts and names", "a million mutations of addresses",
        ],
    };

    /// <summary>Why an item has no test.</summary>
    internal static IReadOnlyDictionary<(int Line, string Item), string> Reasons { get; } = new Dictionary<(int, string), string>
    {
        [(14, "a token after its rotation")] = "Decided otherwise: a token is its session's for life, and is sent over the kind of link it was made on alone. What is refused is an attempt that is not later than the last.",
        [(31, "the server killed between store and answer")] = "There is no store yet; what a killed server's clients are told is Endurance/DeathTests.",
        [(35, "the disk full when history is to be kept")] = "History is in memory alone, and bounded there (Server/HistoryTests).",
    };

    /// <summary>Lines whose part is being built: what is tested of them counts, what is not is not asked for yet. Empty when they are done.</summary>
    internal static IReadOnlySet<int> Unfinished { get; } = new HashSet<int>();
}
