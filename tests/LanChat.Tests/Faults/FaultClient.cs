using System.Globalization;
using LanChat.Connections.Client;

namespace LanChat.Tests.Faults;

/// <summary>One person at a real <see cref="ChatClient"/>, driven by the harness: everything the app does and sees.</summary>
internal sealed class FaultClient
{
    private readonly ClientClock _clock;
    private readonly ChatClientOptions _options;
    private readonly Task<ChatClient> _connecting;
    private readonly Lock _gate = new();
    private ClientProbe? _probe;
    private ConnectRequest? _request;
    private Task? _stopping;
    private int _messages;

    internal FaultClient(int number, string name, ChatClientOptions options, TimeProvider time)
    {
        Number = number;
        Name = name;
        Record = new ClientRecord(string.Create(CultureInfo.InvariantCulture, $"#{number}."));
        _clock = new ClientClock(time, options.ConnectTimeout);
        _options = options with { Name = name, Plaintext = true, KnownServers = KnownServers.InMemory(), TimeProvider = _clock };
        _connecting = ClientConnector.ConnectAsync(new ServerAddress("server", 9090), OpenAsync, _options, CancellationToken.None).AsTask();
    }

    internal int Number { get; }

    internal string Name { get; }

    /// <summary>Gets whether it comes back by itself.</summary>
    internal bool Reconnects => _options.Reconnect;

    /// <summary>Gets whether the server took it for somebody new at least once: its session was lost.</summary>
    internal bool HasLostSession => Record.Sessions.Distinct().Count() > 1;

    /// <summary>Gets or sets whether it was still there when all faults were over and everything had come to rest.</summary>
    internal bool WasThereAtRest { get; set; }

    internal bool HasSmallBuffers => _options.MaxBufferedEvents < 1000;

    internal ClientRecord Record { get; }

    internal List<Visit> Visits { get; } = [];

    internal List<Sent> Sends { get; } = [];

    /// <summary>Gets what it asked of the server as an operator, each with the text of the notice that it was, or none.</summary>
    internal List<(string Text, Task<SendResult> Task)> Commands { get; } = [];

    internal EventReader? Mail { get; private set; }

    internal ChatClient? Client { get; private set; }

    internal Wire? Wire { get; private set; }

    internal List<Wire> Wires { get; } = [];

    internal Exception? ConnectFailure => _connecting.Exception?.InnerException;

    internal Task<DisconnectReason>? Completion => Client?.Completion;

    /// <summary>Gets whether the client has ended for good, or never came to life.</summary>
    internal bool IsOver => ConnectFailure is not null || Completion is { IsCompleted: true };

    internal bool IsStopping => _stopping is not null;

    internal bool HasStopped => _stopping is null or { IsCompleted: true };

    /// <summary>Gets the wish for a connection that waits for an answer.</summary>
    internal ConnectRequest? PendingRequest
    {
        get
        {
            lock (_gate)
            {
                return _request is { IsPending: true } request ? request : null;
            }
        }
    }

    internal void Grant(Wire wire)
    {
        Wire = wire;
        Wires.Add(wire);
        _request!.Grant(wire);
    }

    internal void Join(string room)
    {
        if (Client is { } client && !Visits.Exists(visit => visit.Name == room && !visit.IsOver))
        {
            Task<ChatRoom> joining = client.JoinAsync(room).AsTask();
            Visits.Add(new Visit(room, joining, ClientProbe.AnswerTo(client, room), Record.Joined.Count, HasSmallBuffers));
        }
    }

    /// <summary>Sends a text that is said once in a run: it names its sender and its number.</summary>
    internal void Send(Visit visit, int bytes, bool isCancelled)
    {
        string text = Text(bytes);
        using var cancel = new CancellationTokenSource();
        Sends.Add(new Sent(text, visit, null, visit.Room!.SendAsync(text, cancel.Token).AsTask()));
        if (isCancelled)
        {
            cancel.Cancel();
        }
    }

    internal void SendDirect(string to)
    {
        string text = Text(20);
        Sends.Add(new Sent(text, null, to, Client!.SendDirectAsync(to, text).AsTask()));
    }

    internal void GiveNotice()
    {
        string text = Text(20);
        Commands.Add((text, Client!.NoticeAsync(text).AsTask()));
    }

    internal void Kick(string name) => Commands.Add(("", Client!.KickAsync(name).AsTask()));

    internal void Stop() => _stopping ??= Client?.StopAsync().AsTask();

    /// <summary>Moves what the wire has for the client. False when there was nothing.</summary>
    internal bool Pump() => Wire is { } wire && wire.Stream.Pump();

    /// <summary>Does what the app does by itself: takes what was joined, reads what is there. False when there was nothing.</summary>
    internal bool Pull()
    {
        bool any = false;
        if (Mail is null && Client is not null)
        {
            Mail = EventReader.OfMail(Client, HasSmallBuffers);
            any = true;
        }

        any |= Mail is not null && Mail.Pull();
        foreach (Visit visit in Visits)
        {
            any |= visit.Pull();
        }

        return any;
    }

    /// <summary>Says null when the client has come to its end, and with it everything that the app awaits; else what has not.</summary>
    internal string? WhatIsLeft()
    {
        Pull();
        return !IsOver || !HasStopped ? $"{this} has not ended"
            : Sends.Find(static sent => !sent.Task.IsCompleted) is { } sent ? $"'{TrueLog.Short(sent.Text)}' has no outcome"
            : Commands.Exists(static command => !command.Task.IsCompleted) ? $"a command of {this} has no outcome"
            : Visits.Find(static visit => !visit.IsOver) is { } visit ? $"the visit of {this} in {visit.Name} has not ended"
            : Visits.Find(static visit => visit.Leaving is { IsCompletedSuccessfully: false }) is { } leaving ? $"{this} still leaves {leaving.Name}"
            : Visits.Find(static visit => visit.Reader is { HasEnded: false }) is { } read ? $"{this} still reads {read.Name}"
            : Mail is { HasEnded: false } ? $"{this} still reads its mailbox"
            : null;
    }

    /// <summary>Says null when the client waits for nothing but the wire, the clock and the app; else what is still going on.</summary>
    internal string? WhatMoves()
    {
        if (Client is null && _connecting.IsCompletedSuccessfully)
        {
            Client = _connecting.Result;
            _probe = new ClientProbe(Client, _clock);
        }

        if (Mail is { Moves: true } || Visits.Exists(static visit => visit.Moves))
        {
            return "its app is being told";
        }

        if (IsOver || (PendingRequest is not null && !IsStopping))
        {
            return null;
        }

        if (Wire is null or { IsOver: true })
        {
            if (IsStopping)
            {
                return "it stops";
            }

            // Between two attempts it waits for its time.
            return _clock.ArmedTimers > 0 ? null : "it is about to connect, or to end";
        }

        if (_probe is not null)
        {
            return _probe.WhatMoves(Wire);
        }

        return Wire.Tap.HasHello && !Wire.Tap.HasWelcome && Wire.Stream.IsReadWaiting ? null : "it introduces itself";
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Number} {Name}");

    private ValueTask<ClientLink> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new ConnectRequest(cancellationToken);
        lock (_gate)
        {
            _request = request;
        }

        return request.Task;
    }

    private string Text(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{Record.Mark}{++_messages} ").PadRight(bytes, 'x');
}

/// <summary>A message of the app's, and what becomes of it. Without a visit it goes to one person.</summary>
internal sealed record Sent(string Text, Visit? Visit, string? To, Task<SendResult> Task);

/// <summary>One membership of one client, from the join to its end.</summary>
/// <param name="name">The room.</param>
/// <param name="joining">The join under way.</param>
/// <param name="answer">What the join waits for; null where it was over at once.</param>
/// <param name="joinedFrom">Where in <see cref="ClientRecord.Joined"/> its first JOINED is at the earliest.</param>
/// <param name="hasSmallBuffer">Whether its reader may have to pass events over.</param>
internal sealed class Visit(string name, Task<ChatRoom> joining, Task? answer, int joinedFrom, bool hasSmallBuffer)
{
    internal string Name => name;

    internal int JoinedFrom => joinedFrom;

    internal ChatRoom? Room { get; private set; }

    internal EventReader? Reader { get; private set; }

    internal Task? Leaving { get; private set; }

    /// <summary>Gets whether the answer to the join, or an event, is on its way to the app over the pool.</summary>
    internal bool Moves => (IsJoining && answer is { IsCompleted: true }) || Reader is { Moves: true };

    internal bool IsJoining => !joining.IsCompleted;

    internal Exception? Refusal => joining.Exception?.InnerException;

    /// <summary>Gets whether the membership has ended, or never began.</summary>
    internal bool IsOver => Refusal is not null || Room is { Completion.IsCompleted: true };

    /// <summary>Gets whether the app may send and read here.</summary>
    internal bool IsOpen => Room is not null && Leaving is null && !IsOver;

    internal void Leave() => Leaving ??= Room!.LeaveAsync().AsTask();

    internal bool Pull()
    {
        if (Room is null && joining.IsCompletedSuccessfully)
        {
            Room = joining.Result;
            Reader = EventReader.Of(Room, hasSmallBuffer);
            Reader.Pull();
            return true;
        }

        return Reader is not null && Reader.Pull();
    }
}
