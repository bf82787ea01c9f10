using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using LanChat.Samples;
using LanChat.Samples.Terminal;

namespace LanChat.Tests.Support;

/// <summary>Draws what a terminal shows, styles included, as an SVG of plain text: no script, no font of its own, nothing fetched.</summary>
internal static partial class TerminalPicture
{
    private const double CellWidth = 8.4;
    private const double CellHeight = 19;
    private const double Margin = 14;

    private static readonly string[] Basic =
    [
        "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
        "#5c6370", "#ff7b85", "#b1e08c", "#ffd58a", "#7cc4ff", "#de94f2", "#6fd3df", "#ffffff",
    ];

    /// <summary>Draws rows as <c>tmux capture-pane -e</c> gives them.</summary>
    /// <param name="rows">The rows of the screen.</param>
    /// <param name="columns">The screen's width.</param>
    /// <param name="cursor">The cursor's column and row.</param>
    internal static string Draw(IReadOnlyList<string> rows, int columns, (int Column, int Row) cursor)
    {
        string width = Number(columns * CellWidth + 2 * Margin);
        string height = Number(rows.Count * CellHeight + 2 * Margin);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n");
        svg.Append("<title>LanChat in a terminal</title>\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e222a\"/>\n");
        svg.Append("<g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#d8dee9\" xml:space=\"preserve\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(cursor.Column)}\" y=\"{Number(Margin + cursor.Row * CellHeight)}\" width=\"{Number(CellWidth)}\" height=\"{Number(CellHeight)}\" fill=\"#d8dee9\" opacity=\"0.7\"/>\n");
        var style = new Style();
        for (int row = 0; row < rows.Count; row++)
        {
            DrawRow(svg, rows[row], Number(Margin + (row + 0.75) * CellHeight), ref style);
        }

        return svg.Append("</g>\n</svg>\n").ToString();
    }

    private static void DrawRow(StringBuilder svg, string row, string y, ref Style style)
    {
        int column = 0;
        foreach (string piece in Sequence().Split(row))
        {
            if (piece.StartsWith("\e[", StringComparison.Ordinal))
            {
                style = style.With(piece[2..^1]);
                continue;
            }

            // Fonts differ in how wide they draw: each word, and each wide character, starts where its cell is.
            foreach (string word in Words(piece))
            {
                if (!string.IsNullOrWhiteSpace(word))
                {
                    svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(column)}\" y=\"{y}\"{style.Attributes}>{SecurityElement.Escape(word)}</text>\n");
                }

                column += TextWidth.Of(word);
            }
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        int start = 0;
        for (int at = 0; at < text.Length;)
        {
            int next = Graphemes.Next(text, at);
            bool standsAlone = text[at] == ' ' || TextWidth.OfGrapheme(text.AsSpan(at, next - at)) > 1;
            if (standsAlone)
            {
                yield return text[start..at];
                yield return text[at..next];
                start = next;
            }

            at = next;
        }

        yield return text[start..];
    }

    private static string X(int column) => Number(Margin + column * CellWidth);

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Colour(int index)
    {
        if (index < 16)
        {
            return Basic[index];
        }

        if (index >= 232)
        {
            int grey = 8 + (index - 232) * 10;
            return $"#{grey:x2}{grey:x2}{grey:x2}";
        }

        int cube = index - 16;
        return $"#{Level(cube / 36):x2}{Level(cube / 6 % 6):x2}{Level(cube % 6):x2}";
    }

    private static int Level(int step) => step == 0 ? 0 : 55 + step * 40;

    [GeneratedRegex("(\e\\[[0-9;]*m)")]
    private static partial Regex Sequence();

    private readonly record struct Style(string? Fill, bool IsBold, bool IsDim)
    {
        internal string Attributes => (Fill is null ? "" : $" fill=\"{Fill}\"") + (IsBold ? " font-weight=\"bold\"" : "") + (IsDim ? " opacity=\"0.6\"" : "");

        internal Style With(string parameters)
        {
            int[] codes = [.. parameters.Split(';').Select(code => code.Length == 0 ? 0 : int.Parse(code, CultureInfo.InvariantCulture))];
            Style style = this;
            for (int i = 0; i < codes.Length; i++)
            {
                style = codes[i] switch
                {
                    0 => default,
                    1 => style with { IsBold = true },
                    2 => style with { IsDim = true },
                    22 => style with { IsBold = false, IsDim = false },
                    >= 30 and <= 37 => style with { Fill = Colour(codes[i] - 30) },
                    38 => style with { Fill = Colour(codes[i += 2]) },
                    39 => style with { Fill = null },
                    >= 90 and <= 97 => style with { Fill = Colour(codes[i] - 90 + 8) },
                    _ => style,
                };
            }

            return style;
        }
    }
}
