using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace LanChat.Text;

/// <summary>Decides whether members and rooms may be called so, and when two names are one.</summary>
/// <remarks>A name is kept in NFC as its owner wrote it; two names with the same <see cref="NameKey"/> are the same name. Not meant for the message
/// path: it allocates. Without the globalisation data that normalises text (invariant mode, usual in small containers) only ASCII
/// names are taken, since of others it could not say whether they are equal.</remarks>
internal static class NameRule
{
    internal const int MaxGraphemes = 24;
    internal const int MaxBytes = 64;
    internal const int MaxMarksPerGrapheme = 8;

    private static readonly FrozenSet<string> ReservedKeys =
        new[] { "server", "system", "admin", "operator", "root", "everyone", "all", "here", "me" }.Select(NameKey.Of).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Checks the name of a member.</summary>
    /// <param name="utf8">The name as it came.</param>
    /// <param name="name">The name in NFC; empty if refused.</param>
    /// <param name="key">What the name is compared by; empty if refused.</param>
    internal static NameCheck Check(ReadOnlySpan<byte> utf8, out string name, out string key)
    {
        NameCheck check = CheckRoom(utf8, out name, out key);
        if (check == NameCheck.Ok && ReservedKeys.Contains(key))
        {
            check = NameCheck.Reserved;
            name = key = "";
        }

        return check;
    }

    /// <summary>Checks the name of a room: the same rule, without the reserved words.</summary>
    /// <param name="utf8">The name as it came.</param>
    /// <param name="name">The name in NFC; empty if refused.</param>
    /// <param name="key">What the name is compared by; empty if refused.</param>
    internal static NameCheck CheckRoom(ReadOnlySpan<byte> utf8, out string name, out string key)
    {
        name = key = "";
        if (utf8.IsEmpty)
            return NameCheck.Empty;

        if (!Utf8.IsValid(utf8))
            return NameCheck.NotUtf8;

        // Before Normalize, which throws on some noncharacters.
        string written = Encoding.UTF8.GetString(utf8);
        foreach (Rune rune in written.EnumerateRunes())
        {
            if (!NameKey.CanNormalize && !rune.IsAscii)
                return NameCheck.NotAscii;

            if (!NameCharacters.IsAllowed(rune))
                return NameCheck.BadCharacter;
        }

        string composed = written.Normalize(NormalizationForm.FormC);
        NameCheck check = CheckShape(composed);
        if (check == NameCheck.Ok)
        {
            name = composed;
            key = NameKey.Of(composed);
        }

        return check;
    }

    private static NameCheck CheckShape(string composed)
    {
        if (Encoding.UTF8.GetByteCount(composed) > MaxBytes)
            return NameCheck.TooLong;

        if (Rune.GetRuneAt(composed, 0) is var first && NameCharacters.IsMark(first))
            return NameCheck.BeginsWithMark;

        int graphemes = 0;
        for (ReadOnlySpan<char> rest = composed; !rest.IsEmpty; graphemes++)
        {
            int length = StringInfo.GetNextTextElementLength(rest);
            if (CountMarks(rest[..length]) > MaxMarksPerGrapheme)
                return NameCheck.TooManyMarks;

            rest = rest[length..];
        }

        return graphemes > MaxGraphemes ? NameCheck.TooLong : NameCheck.Ok;
    }

    private static int CountMarks(ReadOnlySpan<char> grapheme)
    {
        int marks = 0;
        foreach (Rune rune in grapheme.EnumerateRunes())
        {
            if (NameCharacters.IsMark(rune))
                marks++;
        }

        return marks;
    }
}
