namespace LanChat.Tests.Support;

/// <summary>Where the repository is: the folder above the tests that holds the solution. Not by the compiler's paths, which are made up in CI.</summary>
internal static class Repository
{
    internal static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LanChat.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds LanChat.sln.");
    }
}
