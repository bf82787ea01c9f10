namespace LanChat.Samples.Terminal;

/// <summary>What Tab puts in place of the word before the cursor: candidates, one after the other, and at last the word itself again.</summary>
/// <param name="Start">Where the word starts.</param>
/// <param name="Candidates">What may stand there instead, with the space or colon that follows.</param>
internal sealed record Completion(int Start, IReadOnlyList<string> Candidates)
{
    internal static readonly IReadOnlyList<string> Commands = [.. OperatorCommands.Words.Concat(["/help", "/join", "/msg", "/quit", "/rooms", "/who"]).Order(StringComparer.Ordinal)];

    private static readonly string[] BeforeNames = ["/msg", "/kick", "/ban"];

    internal static readonly Completion None = new(0, []);

    /// <summary>Finds the candidates: commands at the start, rooms behind <c>/join</c>, names elsewhere.</summary>
    internal static Completion Of(string text, int cursor, IReadOnlyList<string> names, IReadOnlyList<string> rooms)
    {
        int start = cursor;
        while (start > 0 && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        string word = text[start..cursor];
        string before = text[..start];
        if (start == 0 && word.StartsWith('/'))
        {
            return new Completion(0, Matching(Commands, word, " "));
        }

        if (before.TrimEnd() == "/join")
        {
            return new Completion(start, Matching(rooms, word, " "));
        }

        return word.Length == 0 && !BeforeNames.Contains(before.TrimEnd())
            ? None
            : new Completion(start, Matching(names, word, start == 0 ? ": " : " "));
    }

    private static List<string> Matching(IReadOnlyList<string> all, string word, string end) =>
        [.. all.Where(one => one.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Select(one => one + end)];
}
