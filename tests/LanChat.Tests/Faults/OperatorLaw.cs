using LanChat.Framing;

namespace LanChat.Tests.Faults;

/// <summary>A command is carried out once if it was accepted, and not at all if it was refused.</summary>
internal static class OperatorLaw
{
    internal static void Check(FaultWorld world, FaultClient client)
    {
        foreach ((string text, Task<SendResult> task) in client.Commands)
        {
            if (text.Length > 0)
            {
                int[] counts = [.. world.Log.Lives.Select(life => life.Entries.Count(entry => entry.Kind == EntryKind.Notice && entry.Body == text))];
                SendResult result = task.Result;
                Laws.Require(counts.Max() <= 1, Law.NothingTwice, () => $"the notice '{text}' is in a room {counts.Max()} times");
                Laws.Require(!result.IsAccepted || counts.Max() == 1, Law.AcceptedIsThere, () => $"the notice '{text}' was accepted and is nowhere");
                Laws.Require(result.Outcome != SendOutcome.Rejected || counts.Max() == 0, Law.RejectedIsNowhere, () => $"the notice '{text}' was rejected ({result.Reason}) and is there");
            }
        }
    }
}
