using System.Reflection;
using Xunit;

namespace LanChat.Tests.Hostile;

public sealed class HostileInputsTests
{
    private static readonly (string Test, HostileInputAttribute Input)[] Tests =
    [
        .. from type in typeof(HostileInputs).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
           from input in method.GetCustomAttributes<HostileInputAttribute>()
           select ($"{type.Name}.{method.Name}", input),
    ];

    private static readonly HashSet<(int Line, string Item)> Tested =
    [
        .. from test in Tests
           from item in test.Input.Items.Count > 0 ? test.Input.Items : HostileInputs.Lines.GetValueOrDefault(test.Input.Line, [])
           select (test.Input.Line, item),
    ];

    [Fact]
    public void The_list_has_38_lines() => Assert.Equal(Enumerable.Range(1, 38), HostileInputs.Lines.Keys.Order());

    [Fact]
    public void Each_item_has_a_test_or_a_reason_why_there_is_none()
    {
        string[] missing =
        [
            .. from line in HostileInputs.Lines
               where !HostileInputs.Unfinished.Contains(line.Key)
               from item in line.Value
               where !Tested.Contains((line.Key, item)) && !HostileInputs.Reasons.ContainsKey((line.Key, item))
               select $"{line.Key}: {item}",
        ];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    [Fact]
    public void What_has_a_test_needs_no_reason() => Assert.DoesNotContain(HostileInputs.Reasons.Keys, Tested.Contains);

    [Fact]
    public void Tests_and_reasons_name_items_of_the_list()
    {
        HashSet<(int, string)> known = [.. from line in HostileInputs.Lines from item in line.Value select (line.Key, item)];
        Assert.All(Tested, input => Assert.Contains(input, known));
        Assert.All(HostileInputs.Reasons.Keys, input => Assert.Contains(input, known));
        Assert.All(Tests, test => Assert.Contains(test.Input.Line, HostileInputs.Lines));
    }

    [Fact]
    public void What_is_marked_is_a_test()
    {
        IEnumerable<MethodInfo> marked =
            from type in typeof(HostileInputs).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where method.IsDefined(typeof(HostileInputAttribute))
            select method;
        Assert.All(marked, method => Assert.True(method.IsPublic && method.GetCustomAttributes().Any(attribute => attribute is FactAttribute), $"{method.DeclaringType}.{method.Name} is no test."));
    }
}
