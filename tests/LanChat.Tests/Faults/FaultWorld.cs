using System.Diagnostics;
using LanChat.Connections;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <summary>A real server, stepped by hand, and real clients, which talk over wires in memory under one clock that stands still until it is moved.</summary>
/// <remarks>
/// <para>The server runs on the harness's thread and only in <see cref="Settle"/>. A client's reading does too (<see cref="FaultStream.Pump"/>); the rest of a client runs on the pool, and after
/// everything that could move it the harness waits until each is at rest (<see cref="FaultClient.WhatMoves"/>): it waits for the wire, for the clock or for the app, all of which are the harness's. So
/// what happens is decided by the order of the harness's steps, and a seed replays.</para>
/// <para>Time goes from timer to timer, and the world comes to rest at each.</para>
/// </remarks>
internal sealed partial class FaultWorld
{
    internal static readonly string[] Rooms = ["lobby", "games", "den"];

    // Not how long anything takes: what has not come to rest by then never will.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryNetwork _network;
    private readonly ChatServerOptions _options;
    private readonly SeededBug? _bug;
    private readonly bool _isTls;
    private readonly List<Wire> _wires = [];
    private ServerHost? _host;

    /// <param name="options">The server's settings.</param>
    /// <param name="bug">What is spoiled on the way; null: nothing.</param>
    /// <param name="isTls">Whether the wires carry TLS.</param>
    internal FaultWorld(ChatServerOptions options, SeededBug? bug, bool isTls)
    {
        _options = options with { TimeProvider = _time, Identity = TestIdentity.Shared };
        _bug = bug;
        _isTls = isTls;
        _network = new MemoryNetwork(_time);
        StartServer();
    }

    internal ChatServerOptions Options => _options;

    internal FakeTimeProvider Time => _time;

    /// <summary>Gets all clients there ever were.</summary>
    internal List<FaultClient> Clients { get; } = [];

    internal IEnumerable<FaultClient> Living => Clients.Where(client => !client.IsOver);

    internal TrueLog Log { get; } = new();

    /// <summary>Gets the server; null while there is none.</summary>
    internal ServerHost? Host => _host;

    /// <summary>Gets the names that an operator has thrown out.</summary>
    internal HashSet<string> Kicked { get; } = [];

    /// <summary>Gets or sets whether callers are made to wait.</summary>
    internal bool HoldsConnects { get; set; }

    /// <summary>Gets or sets whether those who waited are let in last come, first served.</summary>
    internal bool ReversesConnects { get; set; }

    /// <summary>Gets or sets how many of the next callers are refused.</summary>
    internal int Refusals { get; set; }

    internal FaultClient Connect(string name, ChatClientOptions options)
    {
        var client = new FaultClient(Clients.Count, name, options, _time);
        Clients.Add(client);
        return client;
    }

    /// <summary>Lets the server and the clients act on what there is, until nothing moves any more.</summary>
    internal void Settle()
    {
        bool isSure = false;
        for (int rounds = 0; ; rounds++)
        {
            WaitForRest();
            bool worked = AnswerRequests() | RunServer();
            foreach (FaultClient client in Clients)
            {
                worked |= client.Pump();
            }

            WaitForRest();
            foreach (FaultClient client in Clients)
            {
                worked |= client.Pull();
            }

            TimeSpan now = _time.GetElapsedTime(0);
            _wires.ForEach(wire => wire.Note(now));
            if (!worked && isSure)
            {
                return;
            }

            if (!worked)
            {
                // An answer for the app is a hop over the pool away: it is behind whatever was queued there before it.
                PassThePool();
            }

            isSure = !worked;
            // A flood of a hundred kilobytes over a wire that holds one byte is no circle.
            if (rounds > 1_000_000)
            {
                throw new LawBrokenException(Law.EverythingEnds, "the server and the clients do not come to rest: they keep each other busy");
            }
        }
    }

    /// <summary>Lets each client come to rest, and the server stand still: several things then come to it at once.</summary>
    internal void WaitForRest()
    {
        foreach (FaultClient client in Clients)
        {
            string? moving = null;
            WaitUntil(() => (moving = client.WhatMoves()) is null, () => $"{client} does not come to rest: {moving}");
        }
    }

    /// <summary>Waits for the end of everything that any app awaits.</summary>
    internal void WaitForEnds()
    {
        foreach (FaultClient client in Clients)
        {
            string? left = null;
            WaitUntil(() => (left = client.WhatIsLeft()) is null, () => left!);
        }
    }

    /// <summary>Lets time pass, from timer to timer, with everything at rest at each.</summary>
    internal void Advance(TimeSpan span)
    {
        Settle();
        while (span > TimeSpan.Zero)
        {
            TimeSpan step = _time.UntilNextTimer is { } next && next < span ? next : span;
            _time.Advance(step);
            span -= step;
            Settle();
        }
    }

    /// <summary>The end of all faults.</summary>
    internal void Heal()
    {
        _wires.ForEach(static wire => wire.Heal());
        HoldsConnects = false;
        Refusals = 0;
        foreach (FaultClient client in Clients)
        {
            client.Visits.ForEach(static visit => visit.Reader?.IsHeld = false);
            client.Mail?.IsHeld = false;
        }

        if (_host is null)
        {
            StartServer();
        }
    }

    /// <summary>Waits for what needs nothing but the pool; what has not come to be after a long while breaks the law that everything ends.</summary>
    internal static void WaitUntil(Func<bool> isSo, Func<string> whatNot)
    {
        if (isSo())
        {
            return;
        }

        long start = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (!isSo())
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new LawBrokenException(Law.EverythingEnds, whatNot());
            }
        }
    }

    internal void DisposeWires() => _wires.ForEach(static wire => wire.Dispose());

    private static void PassThePool()
    {
        bool passed = false;
        ThreadPool.UnsafeQueueUserWorkItem(_ => Volatile.Write(ref passed, true), null);
        WaitUntil(() => Volatile.Read(ref passed), () => "the pool does not work");
    }

    private bool AnswerRequests()
    {
        if (HoldsConnects)
        {
            return false;
        }

        FaultClient[] waiting = [.. Clients.Where(client => client.PendingRequest is not null)];
        foreach (FaultClient client in ReversesConnects ? waiting.Reverse() : waiting)
        {
            if (_isDown || IsStopping || Refusals > 0)
            {
                Refusals = Math.Max(0, Refusals - 1);
                client.PendingRequest?.Refuse();
                continue;
            }

            (MemoryLink link, MemoryClient memory) = _network.Connect();
            var wire = new Wire(_servers, link, memory, client.Record, _bug, _isTls);
            _wires.Add(wire);
            client.Grant(wire);
            _host!.Accept(link);
        }

        return waiting.Length > 0;
    }
}
