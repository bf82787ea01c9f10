namespace LanChat.Throughput;

/// <summary>What a crowd says: so many messages at once (closed loop) or so many a second (open loop), in one room or several, by one publisher in each or by all members.</summary>
/// <remarks>A publisher that is not "all members" is a connection more, whose own copies count as no deliveries.</remarks>
internal sealed class Conversation
{
    /// <summary>How long is listened after the last delivery that is due, for one too many.</summary>
    private static readonly TimeSpan Listening = TimeSpan.FromMilliseconds(100);

    private readonly Crowd _crowd;
    private readonly List<Room> _rooms = [];
    private readonly List<Member> _speaking = [];
    private readonly LatencyHistogram _latencies = new();
    private Case _case;
    private long _due;

    /// <summary>Opens all connections, which takes its time, and lets the server settle. The crowd knows if it failed.</summary>
    internal Conversation(Crowd crowd, Case shape)
    {
        _crowd = crowd;
        _case = shape;
        int receivers = shape.Members / shape.Rooms;
        int publishers = shape.AllPublish ? receivers : 1;
        for (int i = 0; i < shape.Rooms && !crowd.HasFailed; i++)
        {
            var room = new Room($"bench-{i + 1}", i * publishers, publishers, receivers);
            _rooms.Add(room);
            for (int receiver = 0; receiver < receivers && !crowd.HasFailed; receiver++)
            {
                crowd.Open(room, shape.AllPublish ? room.FirstPublisher + receiver : -1, receiver);
            }

            if (!shape.AllPublish && !crowd.HasFailed)
            {
                crowd.Open(room, room.FirstPublisher, receiver: -1);
            }

            for (int frozen = 0; frozen < shape.NeverRead && !crowd.HasFailed; frozen++)
            {
                crowd.OpenFrozen(room);
            }
        }

        crowd.WaitUntilReady();
        // A server that answers nothing on connect may still be accepting.
        crowd.Rest(TimeSpan.FromMilliseconds(200));
    }

    /// <summary>Gets after how long without a delivery, while some are due, a message is taken for lost. Defaults to 3 seconds.</summary>
    internal TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(3);

    private long Deliveries => _rooms.Sum(room => room.Deliveries);

    private bool IsComplete => _rooms.TrueForAll(room => room.Completed == room.Published);

    /// <summary>Talks, measures after the warm-up, and then waits until everything has arrived. Null: the crowd has failed.</summary>
    /// <param name="shape">What is said, in the rooms as they were opened: <see cref="Case.HasCrowdOf"/>.</param>
    /// <param name="warmUp">How long is talked before.</param>
    /// <param name="measured">How long is measured.</param>
    /// <param name="serverNanoseconds">Tells the processor time that the server has used.</param>
    internal Sample? Run(Case shape, TimeSpan warmUp, TimeSpan measured, Func<long> serverNanoseconds)
    {
        SayBefore(shape);
        _case = shape;
        long start = Clock.Nanoseconds;
        _due = start;
        Talk(start + Clock.Of(warmUp));

        _latencies.Clear();
        _crowd.Latencies = _case.Rate > 0 ? _latencies : null;
        long deliveries = Deliveries;
        (long bytes, long segments) = _crowd.Arrived();
        long began = Clock.Nanoseconds;
        long used = serverNanoseconds();
        Talk(began + Clock.Of(measured));
        used = serverNanoseconds() - used;
        long ended = Clock.Nanoseconds;
        (long bytesAfter, long segmentsAfter) = _crowd.Arrived();
        deliveries = Deliveries - deliveries;
        _crowd.Latencies = null;

        Drain();
        if (!_crowd.HasFailed && deliveries == 0)
        {
            _crowd.Fail("Nothing was delivered in the time measured.");
        }

        return _crowd.HasFailed ? null : new Sample
        {
            Deliveries = deliveries,
            ServerNanoseconds = used,
            Seconds = (ended - began) / 1e9,
            BytesPerSend = segmentsAfter > segments ? (double)(bytesAfter - bytes) / (segmentsAfter - segments) : null,
            P50 = _latencies.Quantile(0.5),
            P99 = _latencies.Quantile(0.99),
            P999 = _latencies.Quantile(0.999),
        };
    }

    // Once, before the first warm-up.
    private void SayBefore(Case shape)
    {
        _case = shape with { Rate = 0, Window = 64 };
        while (_rooms.Sum(room => (long)room.Completed) < shape.SaidBefore && !_crowd.HasFailed)
        {
            Talk(Clock.Nanoseconds + Clock.Of(TimeSpan.FromMilliseconds(50)));
        }
    }

    private void Talk(long until)
    {
        var stall = new Stall();
        long now;
        while ((now = Clock.Nanoseconds) < until && !_crowd.HasFailed)
        {
            if (_case.Rate > 0)
            {
                SayWhatIsDue(now);
            }
            else
            {
                FillWindows(now);
            }

            // At a rate it never sleeps: a wake-up would be measured with the latency.
            _crowd.Step(block: _case.Rate == 0);
            Check(ref stall, now);
        }
    }

    private void FillWindows(long now)
    {
        foreach (Room room in _rooms)
        {
            for (int free = _case.Window - (room.Published - room.Completed); free > 0; free--)
            {
                Say(room, now);
            }
        }

        SendSaid();
    }

    // The time in the message is the one at which it was due: what waits because the generator is late is late.
    private void SayWhatIsDue(long now)
    {
        long interval = 1_000_000_000L / _case.Rate;
        for (; _due <= now; _due += interval)
        {
            foreach (Room room in _rooms)
            {
                Say(room, _due);
            }
        }

        SendSaid();
    }

    private void Say(Room room, long time)
    {
        Member member = room.NextPublisher();
        member.Say(time);
        _speaking.Add(member);
    }

    private void SendSaid()
    {
        foreach (Member member in _speaking)
        {
            member.Flush();
        }

        _speaking.Clear();
    }

    private void Drain()
    {
        var stall = new Stall();
        while (!IsComplete && !_crowd.HasFailed)
        {
            _crowd.Step(block: true);
            Check(ref stall, Clock.Nanoseconds);
        }

        _crowd.Rest(Listening);
        _crowd.DemandFrozen();
        foreach (Room room in _rooms)
        {
            if (!_crowd.HasFailed && room.Deliveries != (long)room.Published * room.Receivers)
            {
                _crowd.Fail($"{room.Published} messages to {room.Receivers} receivers made {room.Deliveries} deliveries.");
            }
        }
    }

    private void Check(ref Stall stall, long now)
    {
        long deliveries = Deliveries;
        if (deliveries != stall.Deliveries || IsComplete || stall.Since == 0)
        {
            stall = new Stall { Deliveries = deliveries, Since = now };
        }
        else if (now - stall.Since > Clock.Of(StallTimeout))
        {
            long due = _rooms.Sum(room => (long)room.Published * room.Receivers) - deliveries;
            _crowd.Fail($"{due} deliveries are due, and none has come for {StallTimeout.TotalSeconds:F1} seconds: messages are lost.");
        }
    }

    private struct Stall
    {
        internal long Deliveries;
        internal long Since;
    }
}
