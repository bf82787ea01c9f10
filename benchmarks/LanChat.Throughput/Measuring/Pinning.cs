using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>Who runs where: servers on the first core, the generator on the second. A server and a generator on the same core would measure the scheduler.</summary>
internal static class Pinning
{
    private static bool IsPossible => Affinity.Cores.Count >= 2;

    /// <summary>Gets what a reader of the figures has to know.</summary>
    internal static string Note => IsPossible
        ? $"Servers ran on core {Affinity.Cores[0]}, the generator on core {Affinity.Cores[1]}; with two loops the server ran on both."
        : "Nothing was pinned to a core (this takes Linux and two cores), so the scheduler is measured too.";

    /// <summary>Puts the calling thread where the generator belongs.</summary>
    internal static void PinGenerator()
    {
        if (OperatingSystem.IsLinux() && IsPossible)
        {
            Affinity.Pin([Affinity.Cores[1]]);
        }
    }

    /// <summary>Starts a server on as many cores as it has loops. It inherits the cores of the thread that starts it.</summary>
    internal static void StartServer(Process process, int loops)
    {
        if (!OperatingSystem.IsLinux() || !IsPossible)
        {
            process.Start();
            return;
        }

        // The caller may be one that was never pinned, and shall stay so.
        IReadOnlyList<int> own = Affinity.OfThread();
        Affinity.Pin([.. Affinity.Cores.Take(loops)]);
        try
        {
            process.Start();
        }
        finally
        {
            Affinity.Pin(own);
        }
    }
}
