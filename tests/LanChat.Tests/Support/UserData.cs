using System.Runtime.CompilerServices;

namespace LanChat.Tests.Support;

/// <summary>Keeps keys and pins of these tests, and of the processes that they start, out of the data directory of whoever runs them.</summary>
internal static class UserData
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "A test program is none.")]
    internal static void MoveAside()
    {
        var directory = new TemporaryDirectory();
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", directory.Path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
    }
}
