using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using LanChat.Tests.Support;
using LanChat.Throughput;
using Xunit;

namespace LanChat.Tests.Throughput;

/// <summary>Tables and pictures of the throughput program: the same figures make the same bytes, and what is missing is said to be.</summary>
public sealed class ReportingTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_same_figures_in_any_order_and_any_language_make_the_same_files()
    {
        Report report = MadeUpReport.Make();
        Dictionary<string, string> files = Write(report);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Dictionary<string, string> again = Write(report with { Results = [.. report.Results.Reverse()] });
            Assert.Equal(files.Keys.Order(), again.Keys.Order());
            Assert.All(files.Keys.Where(name => name != "results.json"), name => Assert.Equal(files[name], again[name]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void All_pictures_are_drawn_well_formed_with_words_for_who_cannot_see_them()
    {
        Dictionary<string, string> files = Write(MadeUpReport.Make());
        string[] pictures = [.. files.Keys.Where(name => name.EndsWith(".svg", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(["bytes-per-send.svg", "cost-by-members.svg", "cost-by-window.svg", "latency.svg", "memory.svg", "readme.svg"], pictures);
        Assert.All(pictures, name =>
        {
            XElement picture = XDocument.Parse(files[name]).Root!;
            Assert.NotEmpty(picture.Element(Svg + "title")!.Value);
            Assert.Contains(name == "bytes-per-send.svg" ? "LanChat 190" : "LanChat: ", picture.Element(Svg + "desc")!.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", files[name], StringComparison.Ordinal);
            Assert.DoesNotContain('\r', files[name]);
        });
    }

    [Fact]
    public void Markdown_shows_the_pictures_that_there_are()
    {
        Dictionary<string, string> files = Write(MadeUpReport.Make());
        Assert.All(files.Keys.Where(name => name.EndsWith(".svg", StringComparison.Ordinal) && name != "readme.svg"),
            name => Assert.Contains($"]({name})", files["results.md"], StringComparison.Ordinal));

        Dictionary<string, string> few = Write(MadeUpReport.Make() with { Results = [.. MadeUpReport.Make().Results.Where(result => result.Case == "handshakes")] });
        Assert.Equal(["results.json", "results.md"], few.Keys.Order());
        Assert.DoesNotContain(".svg", few["results.md"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_is_missing_is_a_dash_with_its_reason()
    {
        var console = new StringWriter();
        ConsoleTable.Write(console, MadeUpReport.Make());
        Dictionary<string, string> files = Write(MadeUpReport.Make());

        Assert.Matches(@"\| Mosquitto +\| +– \| +– \|", files["results.md"]);
        Assert.All([console.ToString(), files["results.md"], files["cost-by-members.svg"]], text =>
        {
            Assert.Contains("Mosquitto", text, StringComparison.Ordinal);
            Assert.Contains("out of order", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
        });
        Assert.Contains("redis-server is not installed", console.ToString(), StringComparison.Ordinal);
        Assert.Contains("redis-server is not installed", files["results.md"], StringComparison.Ordinal);
        Assert.Contains("Thread per client: was not measured here", files["results.md"], StringComparison.Ordinal);
        Assert.Contains("Missing in 8 of 8 cases: Thread per client:", files["bytes-per-send.svg"], StringComparison.Ordinal);
        Assert.Contains("Not measured: redis: redis-server is not installed", files["readme.svg"], StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_Markdown_table_are_of_one_length()
    {
        string[] lines = Write(MadeUpReport.Make())["results.md"].Split('\n');
        for (int i = 1; i < lines.Length; i++)
        {
            Assert.True(!lines[i].StartsWith('|') || !lines[i - 1].StartsWith('|') || lines[i].Length == lines[i - 1].Length, lines[i]);
        }
    }

    [Fact]
    public void The_results_file_makes_the_same_report_again()
    {
        Dictionary<string, string> files = Write(MadeUpReport.Make());
        Report? read = JsonSerializer.Deserialize(files["results.json"], ReportJson.Default.Report);
        Assert.NotNull(read);
        Assert.Equal(files, Write(read));
    }

    [Fact]
    public void Latencies_are_held_against_the_floor_that_was_measured_in_turns_with_them()
    {
        Report report = MadeUpReport.Make();
        Result lanchat = report.Results.Single(result => result is { Case: "latency", Contestant: "lanchat" }) with { P50Microseconds = 300, P99Microseconds = 900, FloorP50Microseconds = 200, FloorP99Microseconds = 300 };
        ReportTable table = ReportTable.AllOf(report with { Results = [.. report.Results.Where(result => result is { Case: "latency", Contestant: "floor" }), lanchat] }).Single();
        Assert.Equal(["1.50", "3.00"], table.Rows.Single(row => row[0] == "LanChat").Skip(4).Take(2));
    }

    [Fact]
    public void Labels_of_a_long_axis_do_not_touch()
    {
        // As in the README's picture: half a cost of the floor to several thousand, on four hundred pixels.
        LogAxis axis = LogAxis.Around([99, 6629], 168, 564, areBars: true);
        double[] places = [.. axis.Ticks.Select(axis.Position)];
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 42, $"{pair.First} and {pair.Second}"));
    }

    [Fact]
    public void Those_who_lack_a_figure_for_the_same_reason_share_a_line()
    {
        Report report = MadeUpReport.Make();
        string[] absent = ["signalr", "nats"];
        Dictionary<string, string> files = Write(report with { Results = [.. report.Results.Where(result => result.Members != 1000 || !absent.Contains(result.Contestant))] });
        Assert.Contains("Missing at 1,000: SignalR, NATS: not run", files["cost-by-members.svg"], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_measured_is_a_report_too()
    {
        Report nothing = MadeUpReport.Make() with { Results = [] };
        ConsoleTable.Write(new StringWriter(), nothing);
        Assert.Equal(["results.json", "results.md"], Write(nothing).Keys.Order());
    }

    [Theory]
    [InlineData(null, "–")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    [InlineData(0.834, "0.83")]
    [InlineData(8.24, "8.2")]
    [InlineData(9.97, "10")]
    [InlineData(63.6, "64")]
    [InlineData(3489.2, "3,489")]
    public void Figures_are_written_with_two_digits_or_more(double? value, string text) => Assert.Equal(text, Figures.Number(value));

    private static Dictionary<string, string> Write(Report report)
    {
        using var directory = new TemporaryDirectory();
        MarkdownReport.Write(directory.Path, report);
        return Directory.GetFiles(directory.Path).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
    }
}
