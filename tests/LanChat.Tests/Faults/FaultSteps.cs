using System.Globalization;
using System.Text;
using LanChat.Sessions;

namespace LanChat.Tests.Faults;

/// <summary>What can happen in a run: each step is drawn from the run's random numbers, and says in the history what it did.</summary>
internal sealed partial class FaultSteps
{
    private const int MostClients = 6;

    private readonly FaultWorld _world;
    private readonly Random _random;
    private readonly Action<string> _say;
    private readonly (int Weight, Action Take)[] _steps;
    private readonly int _weights;
    private readonly int _rooms;
    private int _restarts;

    internal FaultSteps(FaultWorld world, Random random, Action<string> say)
    {
        _world = world;
        _random = random;
        _say = say;
        _rooms = random.Next(1, FaultWorld.Rooms.Length + 1);
        _restarts = random.Next(6) == 0 ? 2 : 0;
        _steps =
        [
            (7, Connect),
            (14, Join),
            (3, Leave),
            (34, SendSome),
            (3, Flood),
            (4, SendDirect),
            (9, Cut),
            (3, Delay),
            (3, Split),
            (3, Stall),
            (4, Narrow),
            (3, HoldClient),
            (5, HoldReader),
            (5, Heal),
            (4, Gate),
            (14, PassTime),
            (2, StopClient),
            (1, Kick),
            (1, Notice),
            (2, Command),
            (1, RestartServer),
        ];
        _weights = _steps.Sum(step => step.Weight);
    }

    /// <summary>A few people who are in a room: else the first steps would meet nobody.</summary>
    internal void Begin()
    {
        for (int i = _random.Next(2, 4); i > 0; i--)
        {
            Connect();
        }

        _world.Settle();
        foreach (FaultClient client in _world.Living)
        {
            JoinRoom(client);
        }

        _world.Settle();
    }

    internal void TakeOne()
    {
        int drawn = _random.Next(_weights);
        foreach ((int weight, Action take) in _steps)
        {
            drawn -= weight;
            if (drawn < 0)
            {
                take();
                break;
            }
        }

        // Sometimes the next thing happens while this one is under way.
        switch (_random.Next(5))
        {
            case 0:
                _world.WaitForRest();
                break;
            case 1:
                _world.WaitForRest();
                _world.RunLoopOnce(_random.Next(3));
                _world.WaitForRest();
                break;
            default:
                _world.Settle();
                break;
        }
    }

    private FaultClient? AnyClient(Func<FaultClient, bool> isFit) => Any([.. _world.Living.Where(isFit)]);

    private (FaultClient Client, Visit Visit)? AnyVisit() =>
        Any<(FaultClient, Visit)?>([.. _world.Living.Where(client => !client.IsStopping).SelectMany(client => client.Visits.Where(visit => visit.IsOpen).Select(visit => ((FaultClient, Visit)?)(client, visit)))]);

    private T? Any<T>(IReadOnlyList<T> all) => all.Count == 0 ? default : all[_random.Next(all.Count)];

    private void Connect()
    {
        if (_world.Living.Count() >= MostClients)
        {
            return;
        }

        // Now and then a name that somebody has, or has just had.
        int next = _world.Clients.Count;
        string name = next > 0 && _random.Next(4) == 0 ? _world.Clients[_random.Next(next)].Name : string.Create(CultureInfo.InvariantCulture, $"member-{next}");
        var options = new ChatClientOptions
        {
            MaxBufferedEvents = _random.Next(3) == 0 ? _random.Next(2, 12) : 10_000,
            MaxOpenSends = _random.Next(4) == 0 ? 2 : 1024,
            ReplayEntries = _random.Next(3) * 10,
            Reconnect = _random.Next(6) > 0,
            MaxReconnectDelay = TimeSpan.FromSeconds(2),
            Jitter = new Random(_random.Next()),
        };
        _say($"{_world.Connect(name, options)} connects, buffers {options.MaxBufferedEvents}, sends {options.MaxOpenSends}, replay {options.ReplayEntries}{(options.Reconnect ? "" : ", does not come back")}");
    }

    private void Join()
    {
        // Most often somebody who is nowhere.
        if ((AnyClient(client => client is { Client: not null, IsStopping: false } && client.Visits.TrueForAll(visit => visit.IsOver))
            ?? AnyClient(client => client is { Client: not null, IsStopping: false })) is { } client)
        {
            JoinRoom(client);
        }
    }

    private void JoinRoom(FaultClient client)
    {
        string room = FaultWorld.Rooms[_random.Next(_rooms)];
        _say($"{client} joins {room}");
        client.Join(room);
    }

    private void Leave()
    {
        if (AnyVisit() is var (client, visit))
        {
            _say($"{client} leaves {visit.Name}");
            visit.Leave();
        }
    }

    private void SendSome()
    {
        if (AnyVisit() is var (client, visit))
        {
            int count = _random.Next(3) == 0 ? _random.Next(2, 8) : 1;
            int bytes = _random.Next(12) == 0 ? 5000 : _random.Next(4) == 0 ? _random.Next(1000, 4000) : _random.Next(10, 100);
            bool isCancelled = _random.Next(12) == 0;
            _say($"{client} sends {count} of {bytes} bytes to {visit.Name}{(isCancelled ? " and cancels" : "")}");
            for (int i = 0; i < count; i++)
            {
                client.Send(visit, bytes, isCancelled);
            }
        }
    }

    /// <summary>More than a slow connection may lag.</summary>
    private void Flood()
    {
        if (AnyVisit() is var (client, visit))
        {
            if (_random.Next(2) == 0 && AnyClient(other => other != client && other.Wire is { IsOver: false } && other.Visits.Exists(one => one.IsOpen && one.Name == visit.Name)) is { } slow)
            {
                HoldWire(slow);
            }

            _say($"{client} floods {visit.Name}");
            for (int i = 0; i < 25; i++)
            {
                client.Send(visit, 4000, isCancelled: false);
                if (i % 5 == 4)
                {
                    _world.Settle();
                }
            }
        }
    }

    private void SendDirect()
    {
        if (AnyClient(client => client is { Client: not null, IsStopping: false }) is { } client)
        {
            string to = _world.Clients[_random.Next(_world.Clients.Count)].Name;
            _say($"{client} sends to {to} alone");
            client.SendDirect(to);
        }
    }

    private void HoldReader()
    {
        if (AnyVisit() is var (client, visit) && visit.Reader is { } reader)
        {
            reader.IsHeld = !reader.IsHeld;
            _say($"the app of {client} {(reader.IsHeld ? "stops reading" : "reads again")} in {visit.Name}");
        }
    }

    private void PassTime()
    {
        var span = TimeSpan.FromMilliseconds(_random.Next(8) switch
        {
            0 or 1 or 2 => _random.Next(1, 300),
            3 or 4 => _random.Next(300, 3_000),
            5 or 6 => _random.Next(3_000, 12_000),
            _ => _random.Next(12_000, 45_000),
        });
        _say($"{span.TotalMilliseconds} ms pass");
        _world.Advance(span);
    }

    private void StopClient()
    {
        if (AnyClient(client => client is { Client: not null, IsStopping: false }) is { } client)
        {
            _say($"{client} stops");
            client.Stop();
        }
    }

    private void Kick()
    {
        if (AnyClient(client => client.Client is not null) is { } client && _world.Host?.Context.Sessions.FindByName(SessionNames.KeyOf(Encoding.UTF8.GetBytes(client.Name))) is { } session)
        {
            _say($"{client.Name} is kicked");
            _world.Kicked.Add(client.Name);
            session.Kick("enough");
        }
    }

    private void Notice()
    {
        string room = FaultWorld.Rooms[_random.Next(_rooms)];
        if (_world.Host?.Context.Rooms.Find(room) is { } found)
        {
            _say($"a notice to {room}");
            found.Notice("server"u8, Encoding.UTF8.GetBytes("mind the gap"));
        }
    }

    private void RestartServer()
    {
        if (_restarts == 0)
        {
            return;
        }

        _restarts--;
        if (_random.Next(2) == 0)
        {
            _say("the server crashes");
            _world.CrashServer();
        }
        else
        {
            _say("the server stops");
            _world.StopServer(TimeSpan.FromSeconds(_random.Next(3)));
        }

        if (_random.Next(2) == 0)
        {
            _world.Advance(TimeSpan.FromMilliseconds(_random.Next(5_000)));
        }

        _say("the server starts");
        _world.StartServer();
    }
}
