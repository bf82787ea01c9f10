using System.Globalization;

namespace LanChat.Samples.Terminal;

/// <summary>Chooses styles as parameters of SGR: a colour for each name, always the same one, and a few for the rest.</summary>
internal sealed class Painter
{
    // Of the 256, those that can be read on black and on white, and told apart.
    private static readonly byte[] Palette = [32, 35, 37, 63, 67, 71, 72, 96, 99, 103, 108, 127, 131, 133, 136, 137, 142, 161, 166, 168, 172, 173, 202, 203];

    private readonly int _colours;

    private Painter(int colours) => _colours = colours;

    internal string Dim { get; } = "2";

    internal string Bold { get; } = "1";

    internal string Accent => _colours == 0 ? "1" : "33";

    internal string Good => _colours == 0 ? "" : "32";

    internal string Bad => _colours == 0 ? "1" : "31";

    /// <summary>Looks at <c>NO_COLOR</c>, <c>COLORTERM</c> and <c>TERM</c>, as terminals and ssh pass them on.</summary>
    internal static Painter From(Func<string, string?> environment)
    {
        string term = environment("TERM") ?? "";
        if (!string.IsNullOrEmpty(environment("NO_COLOR")) || term is "dumb" || term.StartsWith("vt", StringComparison.Ordinal) || term.EndsWith("-mono", StringComparison.Ordinal))
        {
            return new Painter(0);
        }

        bool hasMany = !string.IsNullOrEmpty(environment("COLORTERM")) || term.Contains("256color", StringComparison.Ordinal) || OperatingSystem.IsWindows();
        return new Painter(hasMany ? 256 : 16);
    }

    /// <summary>Returns the style of a name. The same on every terminal and in every run, whatever its case.</summary>
    internal string Name(string name)
    {
        // FNV-1a: string.GetHashCode differs from run to run.
        uint hash = 2166136261;
        foreach (char letter in name.ToLowerInvariant())
        {
            hash = (hash ^ letter) * 16777619;
        }

        return _colours switch
        {
            0 => "1",
            16 => (31 + hash % 6).ToString(CultureInfo.InvariantCulture),
            _ => $"38;5;{Palette[hash % (uint)Palette.Length]}",
        };
    }
}
