using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests;

/// <summary>Holds the code to its architecture: imports run one way, what is public is at the root, files stay small.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxLines = 300;

    /// <summary>The folders at the bottom: they know neither each other nor the layer above.</summary>
    private static readonly string[] BottomFolders = ["Framing", "Broadcast", "Transport", "Text"];

    private static readonly Assembly Library = typeof(RoomEvent).Assembly;

    private static readonly string Root = Repository.Root;

    [Fact]
    public void The_source_is_where_these_tests_look_for_it()
    {
        foreach (string folder in BottomFolders)
        {
            Assert.NotEmpty(SourceFiles("src/LanChat/" + folder));
            Assert.NotEmpty(TypeNamesIn("LanChat." + folder));
        }
    }

    [Fact]
    public void The_bottom_folders_do_not_know_each_other()
    {
        var found = new List<string>();
        foreach (string folder in BottomFolders)
        {
            // Without a using, a neighbour's type can be reached only by its qualified name.
            string neighbours = string.Join('|', BottomFolders.Where(other => other != folder).Select(other =>
                $@"\bLanChat\.{other}\b|(?<![\w.]){other}\.(?:{string.Join('|', TypeNamesIn("LanChat." + other))})\b"));
            found.AddRange(Find(folder, new Regex(neighbours)));
        }

        Assert.Empty(found);
    }

    [Fact]
    public void The_bottom_folders_know_no_layer_above_them_and_no_type_called_Chat()
    {
        var above = new Regex($@"\bChat[A-Z]\w*|\bLanChat\.(?!{string.Join('|', BottomFolders)})[A-Z]\w*");

        Assert.Empty(BottomFolders.SelectMany(folder => Find(folder, above)));
    }

    [Fact]
    public void The_library_has_no_global_using_of_its_own_namespaces() =>
        Assert.DoesNotContain(SourceFiles("src/LanChat"), file => GlobalUsing().IsMatch(File.ReadAllText(file)));

    [Fact]
    public void Each_folder_is_its_own_namespace()
    {
        string library = Path.Combine(Root, "src", "LanChat");
        IEnumerable<string> strangers = SourceFiles("src/LanChat").Where(file =>
        {
            string folder = Path.GetRelativePath(library, Path.GetDirectoryName(file)!);
            string expected = folder == "." ? "LanChat" : "LanChat." + folder.Replace(Path.DirectorySeparatorChar, '.');
            return NamespaceDeclaration().Match(File.ReadAllText(file)) is { Success: true } match && match.Groups[1].Value != expected;
        });

        Assert.Empty(strangers);
    }

    [Fact]
    public void Public_types_live_at_the_root() =>
        Assert.DoesNotContain(Library.GetExportedTypes(), type => type.Namespace != "LanChat");

    [Fact]
    public void A_type_that_is_not_public_is_sealed_static_or_abstract() =>
        Assert.DoesNotContain(Library.GetTypes(), type =>
            !type.IsVisible && type.IsClass && !type.IsSealed && !type.IsAbstract && !IsGenerated(type));

    [Fact]
    public void A_source_file_has_at_most_300_lines_or_says_at_its_top_why_it_has_more()
    {
        IEnumerable<string> files = new[] { "src", "samples", "tests", "benchmarks" }.SelectMany(SourceFiles);
        var found = new List<string>();
        foreach (string file in files)
        {
            string[] lines = File.ReadAllLines(file);

            // The words to be found in a header: "... 300 lines: because ...".
            if (lines.Length > MaxLines && !lines.Take(60).Any(line => line.Contains("300 lines", StringComparison.Ordinal)))
                found.Add($"{Path.GetRelativePath(Root, file)}: {lines.Length}");
        }

        Assert.Empty(found);
    }

    /// <summary>What reaches a screen passes the sanitizer: only the samples' two writers for that, and the terminal, which cleans each run of text, have the console's own streams.</summary>
    [Fact]
    public void The_samples_print_through_what_makes_their_lines_safe()
    {
        IEnumerable<string> found =
            from file in SourceFiles("samples")
            where Path.GetFileName(file) != "ConsoleLines.cs" && Path.GetFileName(Path.GetDirectoryName(file)) != "Terminal"
            from line in File.ReadLines(file)
            where ConsoleStreams().IsMatch(line)
            select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(found);
    }

    private static IEnumerable<string> Find(string folder, Regex forbidden)
    {
        foreach (string file in SourceFiles("src/LanChat/" + folder))
        {
            string code = CommentsAndStrings().Replace(File.ReadAllText(file), match => match.Value.StartsWith('/') ? "" : "\"\"");
            foreach (Match match in forbidden.Matches(code))
                yield return $"{folder}/{Path.GetFileName(file)}: {match.Value}";
        }
    }

    private static string[] SourceFiles(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(Path.GetRelativePath(Root, file))),
    ];

    private static string[] TypeNamesIn(string space) =>
    [
        .. Library.GetTypes().Where(type => type.Namespace == space && !type.IsNested && !IsGenerated(type)).Select(type => type.Name.Split('`')[0]),
    ];

    private static bool IsGenerated(Type? type) =>
        type is not null && (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || type.Name.Contains('<') || IsGenerated(type.DeclaringType));


    // A string comes first, so that a comment's start inside of it does not count. Raw strings are taken for several plain ones, which does no harm.
    [GeneratedRegex("""@?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^global using .*\bLanChat\b", RegexOptions.Multiline)]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"\bConsole\.(Out|Error|Write|OpenStandardOutput|OpenStandardError)")]
    private static partial Regex ConsoleStreams();

    [GeneratedRegex(@"(^|[\\/])(bin|obj)[\\/]")]
    private static partial Regex BuildOutput();
}
