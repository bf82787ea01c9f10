using System.Net;
using System.Security.Cryptography;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>The server's side of discovery: announces at intervals, answers questions at once, says goodbye (docs/protocol.md, section 7).</summary>
/// <remarks>One lock holds the state; datagrams and the one timer come to it on any thread. Sending is done under it: it does not wait.</remarks>
internal sealed class Announcer : IAsyncDisposable
{
    internal const string LogCategory = "LanChat.Discovery";

    /// <summary>How long an announcement or answer holds: three intervals, so that two may be lost.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(90);

    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>The first ones come quickly, because each may be lost.</summary>
    private static readonly TimeSpan[] FirstIntervals = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private static readonly TimeSpan ChangeInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LegacyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan[] GoodbyePauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200)];

    /// <summary>Changes of addresses come in bursts.</summary>
    private static readonly TimeSpan RenewDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Looking at the interfaces costs milliseconds, and a stranger can cause it.</summary>
    private static readonly TimeSpan MinRenewInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    private readonly DiscoveryBeaconOptions _options;
    private readonly IDatagramNetwork _network;
    private readonly IDatagramPort _port;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly uint _epoch;
    private readonly TickTimer _timer;
    private readonly MemberCount _members;
    private readonly ReplyLimits _limits = new();
    private readonly Lock _gate = new();
    private uint _sequence;
    private int _announced;
    private TimeSpan _announceAt = Never;
    private TimeSpan _renewAt = Never;
    private TimeSpan _renewedAt;
    private int _replyBytes;
    private TimeSpan _legacyAt = Never;
    private TimeSpan _changeTold = -ChangeInterval;
    private TimeSpan _changeAt = Never;
    private Task? _stop;

    internal Announcer(DiscoveryBeaconOptions options, IDatagramNetwork network)
    {
        _options = options;
        _network = network;
        _logger = AppLog.Create(options.LoggerFactory, LogCategory);
        _members = new MemberCount(options.Members, _logger);
        _start = options.TimeProvider.GetTimestamp();
        _epoch = options.Identity.NextEpoch(options.TimeProvider.GetUtcNow());
        _port = network.Open(isShared: true);
        _timer = new TickTimer(options.TimeProvider, Tick, _logger);
    }

    internal bool AnswersSolicits => _port.HearsAll;

    internal string? Problem => _port.Problem;

    internal IReadOnlyList<string> Interfaces => [.. _port.Cards.Select(card => card.Name)];

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    /// <summary>Starts to listen, and announces for the first time.</summary>
    internal void Start()
    {
        _network.Changed += RenewSoon;
        lock (_gate)
        {
            _announceAt = Now;
            _legacyAt = _options.Legacy ? Now : Never;
        }

        Tick();
        _port.Start(Receive);
        Log.Announcing(_logger, _options.Port, string.Join(", ", Interfaces));
        if (Problem is { } problem)
        {
            Log.AnnouncingBadly(_logger, problem);
        }
    }

    /// <summary>Says that the content is different: it is announced now, or five seconds after the last change was.</summary>
    internal void Changed()
    {
        lock (_gate)
        {
            if (_changeAt == Never)
            {
                _changeAt = Later(_changeTold + ChangeInterval, Now);
                Arm();
            }
        }
    }

    /// <summary>Says goodbye: once before it returns, twice within the next 300 ms.</summary>
    internal Task StopAsync()
    {
        lock (_gate)
        {
            return _stop ??= StopOnceAsync();
        }
    }

    /// <summary>Lets go of everything without a word: for a start that failed.</summary>
    internal Task AbandonAsync()
    {
        lock (_gate)
        {
            _stop ??= Task.CompletedTask;
        }

        return CloseAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private async Task StopOnceAsync()
    {
        _timer.Clear();
        SayGoodbye();
        foreach (TimeSpan pause in GoodbyePauses)
        {
            await Task.Delay(pause, _options.TimeProvider).ConfigureAwait(false);
            SayGoodbye();
        }

        await CloseAsync().ConfigureAwait(false);
    }

    // Not under the lock, which a report of a change takes too, and so not before the first pause of a stop.
    private async Task CloseAsync()
    {
        _network.Changed -= RenewSoon;
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _port.DisposeAsync().ConfigureAwait(false);
    }

    private void SayGoodbye()
    {
        try
        {
            lock (_gate)
            {
                _port.SendToAll(Sign(BeaconType.Goodbye, nonce: 0));
            }
        }
        catch (Exception exception)
        {
            // Clients find out a little later; the sockets are closed all the same.
            Log.DiscoveryFailed(_logger, "a goodbye", exception);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_stop is not null)
            {
                return;
            }

            TimeSpan now = Now;
            if (_renewAt <= now)
            {
                _announceAt = Renew(now) ? now : _announceAt;
            }

            if (_announceAt <= now || _changeAt <= now)
            {
                Announce(now);
            }

            if (_legacyAt <= now)
            {
                _legacyAt = now + LegacyInterval;
                _port.Broadcast(BeaconLayout.LegacyDatagram);
            }

            Arm();
        }
    }

    private void Announce(TimeSpan now)
    {
        // Not every change of the interfaces is reported.
        Renew(now);
        if (_changeAt <= now)
        {
            _changeTold = now;
        }

        _changeAt = Never;
        _port.SendToAll(Sign(BeaconType.Announce, nonce: 0));

        // Servers that were started together, by a power cut's end, do not stay together.
        double spread = 0.9 + (RandomNumberGenerator.GetInt32(201) / 1000.0);
        _announceAt = now + (_announced < FirstIntervals.Length ? FirstIntervals[_announced] : Interval * spread);
        _announced = Math.Min(_announced + 1, FirstIntervals.Length);
    }

    private bool Renew(TimeSpan now)
    {
        _renewAt = Never;
        _renewedAt = now;
        if (!_port.Renew())
        {
            return false;
        }

        _announced = 0;
        Log.AnnouncingOn(_logger, string.Join(", ", Interfaces));
        return true;
    }

    private void RenewSoon()
    {
        lock (_gate)
        {
            if (_stop is null && _renewAt == Never)
            {
                _renewAt = Now + RenewDelay;
                Arm();
            }
        }
    }

    private void Receive(ReadOnlySpan<byte> datagram, IPEndPoint source, int card)
    {
        if (!BeaconPacket.TryTake(datagram, out BeaconPacket packet) || packet.Type != BeaconType.Solicit)
        {
            return;
        }

        lock (_gate)
        {
            if (_stop is not null)
            {
                return;
            }

            TimeSpan now = Now;
            if (!NetworkCard.IsNeighbour(_port.Cards, source.Address, card, out bool isKnownCard))
            {
                if (!isKnownCard)
                {
                    // The interface may be new, and the question will come again. Not here: this thread has the next datagram to receive.
                    _renewAt = Sooner(_renewAt, Later(now, _renewedAt + MinRenewInterval));
                    Arm();
                }

                return;
            }

            // What is too short for an answer by the last one's length takes neither a signature nor somebody else's turn.
            if (datagram.Length < _replyBytes || !_limits.TryTake(now, source.Address, packet.Nonce))
            {
                return;
            }

            byte[] reply = Sign(BeaconType.Reply, packet.Nonce);
            _replyBytes = reply.Length;
            if (reply.Length <= datagram.Length)
            {
                _port.Send(reply, source);
                Metrics.Replies.Add(1);
            }
        }
    }

    private byte[] Sign(BeaconType type, ulong nonce) => BeaconWriter.Sign(
        type, _options.Identity, _epoch, ++_sequence, nonce, type == BeaconType.Goodbye ? TimeSpan.Zero : Lifetime, _options.Content(_members.Get()));

    private void Arm()
    {
        TimeSpan next = Sooner(Sooner(_announceAt, _changeAt), Sooner(_renewAt, _legacyAt));
        if (_stop is null && next != Never)
        {
            _timer.Set(next - Now);
        }
    }
}
