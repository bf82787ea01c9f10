using System.Globalization;

namespace LanChat.Samples;

/// <summary>Walks a text by what people take for one character: a letter with its accents, an emoji with all its parts.</summary>
internal static class Graphemes
{
    /// <summary>Returns where the character that starts at a boundary ends.</summary>
    internal static int Next(string text, int index) =>
        index >= text.Length ? text.Length : index + StringInfo.GetNextTextElementLength(text, index);

    /// <summary>Returns where the character before an index starts.</summary>
    internal static int Previous(string text, int index)
    {
        int previous = 0;
        for (int at = 0; at < index; at = Next(text, at))
        {
            previous = at;
        }

        return previous;
    }

    /// <summary>Returns the first boundary that is not before an index: what was inserted may have joined what stood there.</summary>
    internal static int Snap(string text, int index)
    {
        int at = 0;
        while (at < index)
        {
            at = Next(text, at);
        }

        return at;
    }
}
