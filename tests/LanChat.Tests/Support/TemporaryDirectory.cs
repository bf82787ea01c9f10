namespace LanChat.Tests.Support;

/// <summary>A directory of a test's own, gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("lanchat-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
