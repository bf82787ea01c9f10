using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

/// <summary>Crashes the program that these tests start with <c>DOTNET_STARTUP_HOOKS</c> set to this assembly, once it gets SIGCHLD: by an exception that nobody handles.</summary>
/// <remarks>The runtime looks for a type of this name outside of any namespace.</remarks>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime asks for it.")]
internal static class StartupHook
{
    // Kept, or the registration would end with it.
    private static PosixSignalRegistration? _registration;

    public static void Initialize()
    {
        if (!OperatingSystem.IsWindows())
        {
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Crash());
        }
    }

    private static void Crash()
    {
        GC.KeepAlive(_registration);
        new Thread(() => throw new InvalidOperationException("a crash on purpose")).Start();
    }
}
