using System.Text;
using LanChat.Rooms;

namespace LanChat.Tests.Faults;

/// <summary>What must hold after every run: all of it, whatever happened. Each failure names its <see cref="Law"/>.</summary>
internal static class Laws
{
    /// <summary>After the end of all faults and a rest: who is still there is up to date, and everybody agrees about who that is.</summary>
    internal static void CheckAtRest(FaultWorld world)
    {
        CheckUnderstanding(world);
        world.Log.Read();
        foreach (FaultClient client in world.Clients)
        {
            CheckRested(client);
            foreach (Visit visit in client.Visits)
            {
                StreamLaw.Check(world, client, visit);
                if (!client.IsOver && visit.IsOpen)
                {
                    CheckPresent(world, client, visit);
                }
            }
        }

        foreach (Room room in world.Host!.Context.Rooms.All)
        {
            CheckRoster(world, room);
        }
    }

    /// <summary>When all is over: what was sent is what there is, and nothing is left.</summary>
    internal static void CheckAtEnd(FaultWorld world)
    {
        CheckUnderstanding(world);
        foreach (FaultClient client in world.Clients)
        {
            Require(client.IsOver && client.HasStopped, Law.EverythingEnds, () => $"{client} has not ended");
            foreach (Visit visit in client.Visits)
            {
                Require(visit.IsOver, Law.EverythingEnds, () => $"the visit of {client} in {visit.Name} has not ended");
                Require(visit.Leaving is null or { IsCompletedSuccessfully: true }, Law.EverythingEnds, () => $"{client} still leaves {visit.Name}");
                Require(visit.Reader is null or { HasEnded: true }, Law.EverythingEnds, () => $"{client} still reads {visit.Name}");
                StreamLaw.Check(world, client, visit);
            }

            StreamLaw.CheckMail(world, client);
            client.Sends.ForEach(sent => CheckSent(world, client, sent));
        }

        Require(world.Time.TimerCount == 0, Law.NothingIsLeft, () => $"{world.Time.TimerCount} timers are left");
    }

    internal static void Require(bool holds, Law law, Func<string> how)
    {
        if (!holds)
        {
            throw new LawBrokenException(law, how());
        }
    }

    private static void CheckUnderstanding(FaultWorld world)
    {
        foreach (FaultClient client in world.Clients)
        {
            if (client.ConnectFailure is { } failure)
            {
                Require(failure is ChatException { Reason: var refused } && IsHonest(refused), Law.BothSidesUnderstand, () => $"{client} could not connect: {failure}");
            }

            if (client.Completion is { IsCompleted: true } ended)
            {
                Require(IsHonest(ended.Result), Law.BothSidesUnderstand, () => $"{client} ended with {ended.Result}: {client.Client!.DisconnectText}");
            }

            foreach (Visit visit in client.Visits)
            {
                Require(visit.Refusal is null or ChatException, Law.BothSidesUnderstand, () => $"{client} could not join {visit.Name}: {visit.Refusal}");
            }
        }
    }

    // What a fault of the wire, of time or of people can bring about. The other codes say that one side is broken.
    private static bool IsHonest(DisconnectReason reason) => reason
        is DisconnectReason.ConnectionReset or DisconnectReason.Goodbye or DisconnectReason.ServerStopping or DisconnectReason.TooSlow
        or DisconnectReason.HeartbeatLost or DisconnectReason.NameInUse or DisconnectReason.TooFast;

    private static void CheckRested(FaultClient client)
    {
        Require(client.IsOver || client.Client is { State: ChatState.Connected }, Law.EverythingEnds, () => $"{client} is {client.Client?.State} after the rest");
        foreach (Sent sent in client.Sends)
        {
            Require(sent.Task.IsCompleted, Law.EverythingEnds, () => $"'{TrueLog.Short(sent.Text)}' has no outcome after the rest");
        }

        foreach (Visit visit in client.Visits)
        {
            Require(!visit.IsJoining, Law.EverythingEnds, () => $"{client} still joins {visit.Name} after the rest");
            Require(visit.Leaving is null or { IsCompleted: true }, Law.EverythingEnds, () => $"{client} still leaves {visit.Name} after the rest");
        }
    }

    private static void CheckPresent(FaultWorld world, FaultClient client, Visit visit)
    {
        Room room = world.Host!.Context.Rooms.Find(visit.Name)!;
        (ulong epoch, long next) = StreamLaw.Check(world, client, visit);
        Require(epoch == room.Epoch, Law.SeenOrTold, () => $"{client} follows an epoch of {visit.Name} that is over");
        long last = world.Log.Find(epoch)!.Entries.Count;
        Require(next == last + 1, Law.SeenOrTold, () => $"{client} has seen {visit.Name} up to {next - 1}, and the last entry is {last}");

        string[] names = [.. room.Who(out _).Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal)];
        ChatRoom seen = visit.Room!;
        Require(names.Contains(client.Name), Law.RostersAgree, () => $"{client} is not in {visit.Name}, where it thinks it is");
        Require(seen.MemberCount == names.Length, Law.RostersAgree, () => $"{client} counts {seen.MemberCount} members in {visit.Name}; there are {names.Length}");
        Require(
            seen.IsCounted || seen.Members.SequenceEqual(names),
            Law.RostersAgree,
            () => $"{client} sees [{string.Join(", ", seen.Members)}] in {visit.Name}; there are [{string.Join(", ", names)}]");
    }

    private static void CheckRoster(FaultWorld world, Room room)
    {
        if (world.Log.Find(room.Epoch) is not { } life)
        {
            return;
        }

        string[] names = [.. room.Who(out _).Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal)];
        Require(life.MemberCount == names.Length, Law.RostersAgree, () => $"the entries of {life} speak of {life.MemberCount} members; there are {names.Length}");
        Require(
            life.IsCounted || life.Members.Order(StringComparer.Ordinal).SequenceEqual(names),
            Law.RostersAgree,
            () => $"by its entries [{string.Join(", ", life.Members)}] are in {life}; there are [{string.Join(", ", names)}]");
    }

    private static void CheckSent(FaultWorld world, FaultClient client, Sent sent)
    {
        string text = TrueLog.Short(sent.Text);
        Require(sent.Task.IsCompleted, Law.EverythingEnds, () => $"'{text}' has no outcome at the end");
        bool isThere = world.Log.Published.TryGetValue(sent.Text, out (RoomLife Life, LogEntry Entry) found);
        if (sent.Task.IsCanceled)
        {
            Require(!isThere, Law.RejectedIsNowhere, () => $"'{text}' was cancelled and is in {found.Life}");
            return;
        }

        SendResult result = sent.Task.Result;
        Require(!isThere || (sent.Visit is { } visit && found.Life.Room.Name == visit.Name), Law.AcceptedIsThere, () => $"'{text}' is in {found.Life}, where it was not sent");
        Require(!isThere || found.Entry.Name == client.Name, Law.AcceptedIsThere, () => $"'{text}' by {client} is there as {found.Entry.Name}'s");
        Require(!isThere || result.Outcome != SendOutcome.Rejected, Law.RejectedIsNowhere, () => $"'{text}' was rejected ({result.Reason}) and is in {found.Life}");
        if (sent.Visit is not null && result.IsAccepted)
        {
            Require(isThere, Law.AcceptedIsThere, () => $"'{text}' was accepted and is nowhere");
            Require(
                result.Sequence == found.Entry.Sequence || result.Sequence == 0,
                Law.AcceptedIsThere,
                () => $"'{text}' was accepted as entry {result.Sequence} and is entry {found.Entry.Sequence}");
            Require((ulong)result.Id == found.Entry.Id, Law.AcceptedIsThere, () => $"'{text}' was sent under id {result.Id} and is there under {found.Entry.Id}");
        }
    }
}
