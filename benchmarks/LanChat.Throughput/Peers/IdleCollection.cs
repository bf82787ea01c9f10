namespace LanChat.Throughput;

/// <summary>Collects a server's garbage when its members have come and it is idle, so that what is measured as the memory of a member is what a member holds.</summary>
/// <remarks>As <c>serve</c> does it for LanChat: whoever runs on the same runtime is held to the same.</remarks>
internal static class IdleCollection
{
    /// <summary>How long the number of members stays the same before memory is put in order.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    /// <summary>The part of one processor below which nothing is going on.</summary>
    private const double IdlePart = 0.05;

    internal static async Task RunAsync(Func<int> countMembers, CancellationToken cancellationToken)
    {
        int members = 0;
        bool hasChanged = false;
        TimeSpan used = Environment.CpuUsage.TotalTime;
        using var timer = new PeriodicTimer(QuietTime);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            int before = members;
            TimeSpan usedBefore = used;
            members = countMembers();
            used = Environment.CpuUsage.TotalTime;
            hasChanged |= members != before;
            if (hasChanged && members == before && used - usedBefore < QuietTime * IdlePart)
            {
                hasChanged = false;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                used = Environment.CpuUsage.TotalTime;
            }
        }
    }
}
