using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests;

/// <summary>The public surface is a file under review: src/LanChat/PublicAPI.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_one_that_was_reviewed()
    {
        string path = Path.Combine(Repository.Root, "src", "LanChat", "PublicAPI.txt");
        string actual = PublicApi.Describe(typeof(ChatServer).Assembly);

        // A change that is meant is written down with LANCHAT_WRITE_PUBLIC_API=1, and read as a diff by whoever reviews it.
        if (Environment.GetEnvironmentVariable("LANCHAT_WRITE_PUBLIC_API") == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] reviewed = File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] lines = actual.TrimEnd('\n').Split('\n');
        Assert.True(
            reviewed.SequenceEqual(lines),
            $"Run the tests once with LANCHAT_WRITE_PUBLIC_API=1 if this is meant.\n- {string.Join("\n- ", reviewed.Except(lines))}\n+ {string.Join("\n+ ", lines.Except(reviewed))}");
    }
}
