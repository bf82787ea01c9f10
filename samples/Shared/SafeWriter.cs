using System.Text;

namespace LanChat.Samples;

/// <summary>A console's stream for what strangers may have had a hand in: whatever could steer a terminal is replaced, and on a screen a line that is too long goes on below with an indent, so that its rest
/// cannot pass for a line of its own.</summary>
/// <remarks>Each call is one write, so it may be used from several threads as the stream itself.</remarks>
/// <param name="stream">The stream.</param>
/// <param name="columns">How wide the screen is; null when it is none.</param>
internal sealed class SafeWriter(Func<TextWriter> stream, Func<int>? columns) : TextWriter
{
    private const string Indent = "    ";

    /// <summary>Gets the same stream for lines of our own that are to be copied as they are: they are not folded.</summary>
    internal TextWriter Unfolded => columns is null ? this : new SafeWriter(stream, columns: null);

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value) => stream().Write(Clean(value));

    public override void WriteLine(string? value) => stream().WriteLine(Clean(value));

    public override Task WriteAsync(string? value) => stream().WriteAsync(Clean(value));

    public override Task WriteLineAsync(string? value) => stream().WriteLineAsync(Clean(value));

    private string Clean(string? value)
    {
        string clean = TerminalText.Sanitize(value ?? "");

        // A width that leaves no room for an indent is no screen to read from. Whoever reads lines from a pipe gets them as they are, tabs included.
        return columns?.Invoke() is { } width && width > 2 * Indent.Length ? string.Join('\n', clean.Replace('\t', ' ').Split('\n').Select(line => Fold(line, width))) : clean;
    }

    private static string Fold(string line, int width)
    {
        // No character takes more than two columns for each of its units.
        if (line.Length <= width / 2)
        {
            return line;
        }

        var rows = new StringBuilder();
        int column = 0;
        for (int at = 0; at < line.Length;)
        {
            int next = Graphemes.Next(line, at);
            int needed = TextWidth.OfGrapheme(line.AsSpan(at, next - at));
            if (column + needed > width && column > 0)
            {
                rows.Append('\n').Append(Indent);
                column = Indent.Length;
            }

            rows.Append(line, at, next - at);
            column += needed;
            at = next;
        }

        return rows.ToString();
    }
}
