namespace LanChat.Tests.Support;

/// <summary>What this process holds at the moment. Only a test that runs alone may compare two moments. Where there is no /proc, handles and threads count as none.</summary>
internal static class ProcessResources
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>Gets the descriptors of kind socket.</summary>
    internal static int Sockets =>
        Directory.Exists(Descriptors)
            ? Directory.EnumerateFileSystemEntries(Descriptors).Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
            : 0;

    /// <summary>Gets all descriptors.</summary>
    internal static int Handles => Directory.Exists(Descriptors) ? Directory.EnumerateFileSystemEntries(Descriptors).Count() : 0;

    /// <summary>Gets the threads of servers' loops.</summary>
    internal static int LoopThreads => Directory.Exists("/proc/self/task") ? Directory.EnumerateDirectories("/proc/self/task").Count(IsLoop) : 0;

    /// <summary>Gets the bytes of objects that are in use, once all that is not was collected.</summary>
    internal static long ManagedBytes
    {
        get
        {
            Collect();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    /// <summary>Gets the bytes of physical memory that the process has.</summary>
    internal static long ResidentBytes => Environment.WorkingSet;

    /// <summary>Collects what is not in use and lets its finalizers run: twice, for what they let go of.</summary>
    internal static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static bool IsLoop(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("LanChat loop", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It ended between the list and the look.
            return false;
        }
    }
}
