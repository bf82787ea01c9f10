namespace LanChat.Throughput;

/// <summary>What results have in common that stand in one table, in the order in which the tables stand.</summary>
internal readonly record struct CaseKey(string Case, int Members, int Window, int Rate, int PayloadBytes) : IComparable<CaseKey>
{
    internal const string OneRoom = "one room";
    internal const string Latency = "latency";
    internal const string Idle = "idle";
    internal const string Handshakes = "handshakes";

    private static readonly string[] Order = [OneRoom, "all to all", "8 rooms", "700 B", "two loops", Latency, "1 of 100 frozen", "50 of 100 frozen", Idle, Handshakes];

    /// <summary>Gets whether the case is about what a delivery costs; else it has a figure of its own.</summary>
    internal bool IsCost => Case is not (Latency or Idle or Handshakes) && !IsFrozen;

    /// <summary>Gets whether some of the members never read, and the figures are those of the others, beside the same without them.</summary>
    internal bool IsFrozen => Case.EndsWith(" frozen", StringComparison.Ordinal);

    internal string Title
    {
        get
        {
            string title = char.ToUpperInvariant(Case[0]) + Case[1..];
            title += Members > 0 ? $", N = {Figures.Count(Members)}" : "";
            title += Window > 0 ? $", W = {Figures.Count(Window)}" : "";
            return title + (Rate > 0 ? $", {Figures.Count(Rate)} messages a second" : "");
        }
    }

    internal static CaseKey Of(Result result) => new(result.Case, result.Members, result.Window, result.Rate, result.PayloadBytes);

    /// <summary>Groups the results by case, sorted; within a case each contestant once, in its fixed order.</summary>
    internal static IReadOnlyList<CaseResults> Group(Report report) =>
    [
        .. report.Results.GroupBy(Of).OrderBy(group => group.Key)
            .Select(group => new CaseResults(
                group.Key,
                [.. group.OrderBy(result => ContestantLook.Of(result.Contestant).Order).ThenBy(result => result.Contestant, StringComparer.Ordinal).ThenBy(result => result.Loops)])),
    ];

    public int CompareTo(CaseKey other)
    {
        int order = Place(Case).CompareTo(Place(other.Case));
        order = order != 0 ? order : string.CompareOrdinal(Case, other.Case);
        return order != 0 ? order : (Members, Window, Rate, PayloadBytes).CompareTo((other.Members, other.Window, other.Rate, other.PayloadBytes));
    }

    private static int Place(string name) => Array.IndexOf(Order, name) is var place and >= 0 ? place : Order.Length;
}

/// <summary>The results of one case.</summary>
internal sealed record CaseResults(CaseKey Key, IReadOnlyList<Result> Results);
