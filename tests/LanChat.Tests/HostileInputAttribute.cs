namespace LanChat.Tests;

/// <summary>Says that a test shows what comes of one line of the list of hostile inputs and faults (Hostile/HostileInputs.cs).</summary>
/// <param name="line">The line's number.</param>
/// <param name="items">Which of its items, word for word; the whole line when none is named.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class HostileInputAttribute(int line, params string[] items) : Attribute
{
    internal int Line { get; } = line;

    internal IReadOnlyList<string> Items { get; } = items;
}
