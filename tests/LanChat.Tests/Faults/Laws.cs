using System.Text;
using LanChat.Connections;
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
            client.WasThereAtRest = !client.IsOver;
            foreach (Visit visit in client.Visits)
            {
                StreamLaw.Check(world, client, visit);
                if (!client.IsOver && visit.IsOpen)
                {
                    CheckPresent(world, client, visit);
                }
            }
        }

        ServerContext server = world.Host!.Context;
        foreach (Room room in server.Rooms.All)
        {
            CheckRoster(world, room);
        }

        int living = world.Living.Count();
        Require(
            server.ConnectionCount == living && server.Sessions.Count == living,
            Law.NothingIsLeft,
            () => $"{living} clients are there ({string.Join(", ", world.Clients.Select(client => $"{client}: {client.Client?.State.ToString() ?? "never connected"}, {client.Wires.Count(wire => !wire.IsOver)} wires"))}); "
                + $"the server has {server.ConnectionCount} connections and {server.Sessions.Count} sessions ({string.Join(", ", server.Sessions.All.Select(session => $"{session.Name.Text} {session.Id % 1000}"))})");
    }

    /// <summary>When all is over: what was sent is what there is, and nothing is left.</summary>
    internal static void CheckAtEnd(FaultWorld world)
    {
        CheckUnderstanding(world);
        foreach (FaultClient client in world.Clients)
        {
            client.Visits.ForEach(visit => StreamLaw.Check(world, client, visit));
            StreamLaw.CheckMail(world, client);
            SessionLaw.Check(world, client);
            OperatorLaw.Check(world, client);
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

            DisconnectReason? end = (client.ConnectFailure as ChatException)?.Reason ?? (client.Completion is { IsCompleted: true } over ? over.Result : null);
            bool isAlone = world.Clients.Count(other => other.Name == client.Name) == 1;
            Require(end != DisconnectReason.NameInUse || !isAlone, Law.ClientsComeBack, () => $"{client} was told that its name is in use, by nobody but itself");
            if (client.Completion is { IsCompleted: true } ended)
            {
                bool isKicked = ended.Result == DisconnectReason.Kicked && world.Kicked.Contains(client.Name);
                bool isGivenUp = client.Reconnects && !client.IsStopping && !isKicked && ended.Result != DisconnectReason.NameInUse && ended.Result != DisconnectReason.TooFast;
                Require(isKicked || IsHonest(ended.Result), Law.BothSidesUnderstand, () => $"{client} ended with {ended.Result}: {client.Client!.DisconnectText}");
                Require(!isGivenUp, Law.ClientsComeBack, () => $"{client} gave up with {ended.Result}: {client.Client!.DisconnectText}");
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

    // The rest was long by the harness's clock; an answer may still be on its way to the app, over the pool.
    private static void CheckRested(FaultClient client)
    {
        Require(client.IsOver || client.Client is { State: ChatState.Connected }, Law.EverythingEnds, () => $"{client} is {client.Client?.State} after the rest");
        FaultWorld.WaitUntil(() => client.Commands.TrueForAll(command => command.Task.IsCompleted), () => $"a command of {client} has no outcome after the rest");
        foreach (Sent sent in client.Sends)
        {
            FaultWorld.WaitUntil(() => sent.Task.IsCompleted, () => $"'{TrueLog.Short(sent.Text)}' has no outcome after the rest");
            bool isDoubtful = sent.Task is { IsCompletedSuccessfully: true, Result.Outcome: SendOutcome.Unknown };
            Require(!isDoubtful || client.IsOver || client.HasLostSession, Law.ClientsComeBack, () => $"'{TrueLog.Short(sent.Text)}' is unknown, though the session of {client} lives");
        }

        foreach (Visit visit in client.Visits)
        {
            FaultWorld.WaitUntil(() => !visit.IsJoining, () => $"{client} still joins {visit.Name} after the rest");
            FaultWorld.WaitUntil(() => visit.Leaving is null or { IsCompleted: true }, () => $"{client} still leaves {visit.Name} after the rest");
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
        if (sent.To is { } to && result.IsAccepted)
        {
            CheckDelivered(world, sent.Text, to);
        }

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

    // Who had that name all the time, under one session, and was told of no gap, has got it.
    private static void CheckDelivered(FaultWorld world, string text, string to)
    {
        FaultClient[] named = [.. world.Clients.Where(one => one.Name == to)];
        if (named is [{ HasLostSession: false, WasThereAtRest: true, Mail: { } mail }] && !mail.Events.Exists(static e => e is Gap))
        {
            Require(mail.Events.Exists(e => e is DirectReceived direct && direct.Text == text), Law.SeenOrTold, () => $"'{text}' was accepted for {to}, who never saw it");
        }
    }
}
