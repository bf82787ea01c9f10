namespace LanChat.Text;

/// <summary>Names the forms of a line. 1 to 9 are the kinds of entry in a log, by the same numbers.</summary>
internal enum LineKind
{
    /// <summary>The server's own words (welcome, help), without a prefix. The only form whose further lines are not indented: no member writes it.</summary>
    Words = 0,

    /// <summary><c>[12:34:56] ada: hello</c>, or <c>[12:34:56] ada: (12 bytes)</c> when <see cref="Line.IsOpaque"/>.</summary>
    Message = 1,

    /// <summary><c>* bo joined (3 members)</c></summary>
    Joined = 2,

    /// <summary><c>* bo left (1 member)</c>, with <c>: reason</c> after it unless it said goodbye.</summary>
    Left = 3,

    /// <summary><c>! dinner at eight</c></summary>
    Notice = 4,

    /// <summary><c>* 300 members</c>, with <c>: ada, bo</c> after it when <see cref="Line.Text"/> holds names.</summary>
    Members = 5,

    /// <summary><c>* bo lost contact</c></summary>
    LostContact = 6,

    /// <summary><c>* bo is back</c></summary>
    Back = 7,

    /// <summary><c>[12:34:56] ada -> you: text</c></summary>
    Direct = 8,

    /// <summary><c>! you have been idle for an hour</c>: a word to this reader alone.</summary>
    Private = 9,

    /// <summary><c>* missed 12 to 17</c>: entries that this reader will not see.</summary>
    Gap,

    /// <summary><c>* connected again, 5 entries later</c></summary>
    Resumed,

    /// <summary><c>* the room began anew</c></summary>
    Reset,

    /// <summary><c>ok 17</c>: the caller's own line is entry 17.</summary>
    Confirmed,

    /// <summary><c>? 22 text</c>: the caller's own line was not carried out, by code and sentence.</summary>
    Rejected,

    /// <summary><c>bye: reason</c>: the connection ends.</summary>
    Bye,
}

/// <summary>What <see cref="LineFormat"/> draws: the parts of one event, as raw as they came. Each form uses the few parts that it shows.</summary>
internal readonly ref struct Line
{
    public LineKind Kind { get; init; }

    /// <summary>Milliseconds since the Unix epoch; any value is drawn as some time of day.</summary>
    public long Time { get; init; }

    /// <summary>Who did it, UTF-8, unchecked.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>What was said, UTF-8, unchecked. Of <see cref="LineKind.Rejected"/> and <see cref="LineKind.Bye"/>: the sentence; the words of <see cref="Code"/> if empty.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Whether <see cref="Text"/> is bytes that nobody checked, and is drawn as their number.</summary>
    public bool IsOpaque { get; init; }

    public uint Members { get; init; }

    /// <summary>The reason as on the wire.</summary>
    public int Code { get; init; }

    /// <summary>Of <see cref="LineKind.Confirmed"/> the entry, of <see cref="LineKind.Gap"/> the first that is missing.</summary>
    public long Sequence { get; init; }

    /// <summary>Of <see cref="LineKind.Gap"/>: the last that is missing.</summary>
    public long LastSequence { get; init; }

    /// <summary>Of <see cref="LineKind.Resumed"/>: how many were caught up.</summary>
    public long Entries { get; init; }
}
