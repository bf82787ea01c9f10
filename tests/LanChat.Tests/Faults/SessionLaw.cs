namespace LanChat.Tests.Faults;

/// <summary>Who comes back in time is who it was.</summary>
internal static class SessionLaw
{
    // From the moment at which the server gives up a connection to the one at which it lets go of the wire: five seconds to drain and two to part.
    private static readonly TimeSpan LongestParting = TimeSpan.FromSeconds(8);

    /// <summary>Checks that each time a client was welcomed as somebody new, its session could be over.</summary>
    internal static void Check(FaultWorld world, FaultClient client)
    {
        Wire? before = null;
        foreach (Wire wire in client.Wires.Where(wire => wire.WelcomedAt is not null))
        {
            if (before is not null && before.Tap.Session != wire.Tap.Session)
            {
                bool wasKept = client.Wires.Exists(one => one.Tap.Session == before.Tap.Session && one.Tap.HasPong);
                TimeSpan away = wire.WelcomedAt!.Value - (before.ServerClosedAt ?? wire.WelcomedAt.Value);
                bool couldBeOver = before.Server != wire.Server || !wasKept || world.Kicked.Contains(client.Name) || away + LongestParting >= world.Options.ResumeWindow;
                Laws.Require(couldBeOver, Law.ClientsComeBack, () => $"{client} came back after {away.TotalSeconds} s and was taken for somebody new");
            }

            before = wire;
        }
    }
}
