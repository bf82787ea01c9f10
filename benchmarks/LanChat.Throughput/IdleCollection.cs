namespace LanChat.Throughput;

/// <summary>Collects a server's garbage once after members have come or gone, when they are all there and nothing is going on.</summary>
/// <remarks>Whoever measures the memory of idle members sees the resident set, in which the garbage of their coming (buffers, arrays that were outgrown) stays until something
/// collects it, and an idle server allocates nothing that would. A collection in the midst of messages would be measured with them. All contestants on .NET are held to the same.</remarks>
internal static class IdleCollection
{
    /// <summary>How long the number of members stays the same before memory is put in order.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    /// <summary>The part of one processor below which nothing is going on.</summary>
    private const double IdlePart = 0.05;

    /// <summary>Ends, without an exception, when it is cancelled.</summary>
    internal static async Task RunAsync(Func<int> countMembers, CancellationToken cancellationToken)
    {
        int members = 0;
        bool hasChanged = false;
        TimeSpan used = Environment.CpuUsage.TotalTime;
        using var timer = new PeriodicTimer(QuietTime);
        using CancellationTokenRegistration stop = cancellationToken.Register(timer.Dispose);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            int before = members;
            TimeSpan usedBefore = used;
            members = countMembers();
            used = Environment.CpuUsage.TotalTime;
            hasChanged |= members != before;
            if (hasChanged && members == before && used - usedBefore < QuietTime * IdlePart)
            {
                hasChanged = false;
                Collect();
                used = Environment.CpuUsage.TotalTime;
            }
        }
    }

    internal static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
