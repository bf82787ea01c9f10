using System.Text;
using System.Xml;

namespace LanChat.Throughput;

/// <summary>A picture being written: the few shapes that plots are made of, on a card of its own, so that it can be read on any page, light or dark.</summary>
internal sealed class Svg : IDisposable
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    // The colours of the contestants are Okabe and Ito's, which the colour blind tell apart, some of them darker to stand out on white; each has a mark and a label besides.
    private const string Style = """

        text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
        .title { font-size: 16px; font-weight: 600; }
        .strong { font-weight: 600; }
        .soft { fill: #59636e; }
        .halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
        .card { fill: #ffffff; stroke: #d1d9e0; }
        .grid { stroke: #d1d9e0; stroke-width: 1; }
        .axis { stroke: #59636e; stroke-width: 1; }
        .leader { stroke: #818b98; stroke-width: 1; stroke-dasharray: 1 3; }
        .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
        .dashed { stroke-dasharray: 5 4; }
        .fill { fill: currentColor; }
        .mark { fill: currentColor; stroke: #ffffff; stroke-width: 1; }
        .lanchat { color: #0072b2; } .floor { color: #59636e; } .signalr { color: #b8558f; } .threads { color: #d55e00; }
        .nats { color: #009e73; } .redis { color: #d99300; } .mosquitto { color: #7a4a1e; } .other { color: #818b98; }
        .muted { color: #aeb6bf; }
        @media (prefers-color-scheme: dark) {
          text { fill: #f0f6fc; } .soft { fill: #9198a1; } .card { fill: #0d1117; stroke: #3d444d; } .grid { stroke: #2f353d; } .axis { stroke: #9198a1; } .mark, .halo { stroke: #0d1117; }
          .lanchat { color: #4ba3e3; } .floor { color: #b1bac4; } .signalr { color: #e08fbd; } .threads { color: #f0772b; }
          .nats { color: #2bc397; } .redis { color: #f2b632; } .mosquitto { color: #c08a55; } .muted { color: #656d76; }
        }

        """;

    private readonly XmlWriter _xml;

    /// <param name="path">The file, which is overwritten.</param>
    /// <param name="width">In pixels, as the height.</param>
    /// <param name="height">See there.</param>
    /// <param name="title">What the picture shows; also drawn, at its top.</param>
    /// <param name="description">The picture in words, with its figures, for those who cannot see it.</param>
    internal Svg(string path, int width, double height, string title, string description)
    {
        _xml = XmlWriter.Create(path, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
            NewLineChars = "\n",
            OmitXmlDeclaration = true,
        });
        _xml.WriteStartElement("svg", Namespace);
        Attributes(("viewBox", $"0 0 {Text(width)} {Text(height)}"), ("width", Text(width)), ("height", Text(height)), ("role", "img"), ("aria-labelledby", "title desc"));
        Words("title", title, ("id", "title"));
        Words("desc", description, ("id", "desc"));
        Words("style", Style);
        Rectangle(0.5, 0.5, width - 1, height - 1, "card", radius: 6);
        Label(Plot.Margin, 28, title, "title");
    }

    /// <summary>Starts shapes that share a class.</summary>
    internal void Begin(string css)
    {
        _xml.WriteStartElement("g", Namespace);
        Attributes(("class", css));
    }

    internal void End() => _xml.WriteEndElement();

    /// <param name="x">Where the text starts, ends or has its middle, as the anchor says.</param>
    /// <param name="y">The line that letters stand on.</param>
    /// <param name="text">What is written.</param>
    /// <param name="css">Classes.</param>
    /// <param name="anchor">start, middle or end.</param>
    internal void Label(double x, double y, string text, string css = "", string anchor = "start")
    {
        _xml.WriteStartElement("text", Namespace);
        Attributes(("x", Text(x)), ("y", Text(y)), ("class", css), ("text-anchor", anchor == "start" ? "" : anchor));
        _xml.WriteString(text);
        _xml.WriteEndElement();
    }

    internal void Line(double x1, double y1, double x2, double y2, string css) =>
        Shape("line", ("x1", Text(x1)), ("y1", Text(y1)), ("x2", Text(x2)), ("y2", Text(y2)), ("class", css));

    internal void Lines(IEnumerable<(double X, double Y)> points, string css) =>
        Shape("polyline", ("points", string.Join(' ', points.Select(point => $"{Text(point.X)},{Text(point.Y)}"))), ("class", css));

    internal void Rectangle(double x, double y, double width, double height, string css, double radius = 0) =>
        Shape("rect", ("x", Text(x)), ("y", Text(y)), ("width", Text(width)), ("height", Text(height)), ("rx", radius > 0 ? Text(radius) : ""), ("class", css));

    internal void Mark(double x, double y, string path, string css) =>
        Shape("path", ("transform", $"translate({Text(x)} {Text(y)})"), ("d", path), ("class", css));

    public void Dispose()
    {
        _xml.WriteEndElement();
        _xml.WriteWhitespace("\n");
        _xml.Dispose();
    }

    private static string Text(double value) => Figures.Format(Math.Round(value, 1), "0.#");

    private void Shape(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _xml.WriteStartElement(name, Namespace);
        Attributes(attributes);
        _xml.WriteEndElement();
    }

    private void Words(string name, string words, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _xml.WriteStartElement(name, Namespace);
        Attributes(attributes);
        _xml.WriteString(words);
        _xml.WriteEndElement();
    }

    private void Attributes(params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach ((string name, string value) in attributes)
        {
            if (value.Length > 0)
            {
                _xml.WriteAttributeString(name, value);
            }
        }
    }
}
