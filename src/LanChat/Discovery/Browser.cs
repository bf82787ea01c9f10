using System.Net;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>The client's side of discovery: asks who is there, believes only answers to its own questions, and forgets who does not answer any more
/// (docs/protocol.md, section 7).</summary>
/// <remarks>
/// Questions go from a port of its own, or answers would go to another program on this machine; on the shared port it hears announcements and goodbyes, which cause a question
/// and nothing else. One lock holds the state; datagrams and the one timer come to it on any thread.
/// </remarks>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>A question after a goodbye, the second and third after a pause each, since one may be lost.</summary>
    private const int GoodbyeRounds = 3;

    private static readonly TimeSpan GoodbyeRoundInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>No flood of announcements becomes one of questions.</summary>
    private static readonly TimeSpan AnnouncementRoundInterval = TimeSpan.FromSeconds(1);

    /// <summary>Nor any flood of anything.</summary>
    private static readonly TimeSpan MinRoundInterval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan RenewDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Servers that cannot hear everyone are asked at the port they announced from; in one round no more than this.</summary>
    private const int MaxDirectQuestions = 16;

    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    private readonly ServerBrowserOptions _options;
    private readonly IDatagramNetwork _network;
    private readonly IDatagramPort _own;
    private readonly IDatagramPort _shared;
    private readonly BrowseTable _table;
    private readonly ILogger _logger;
    private readonly TickTimer _timer;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly Questions _questions = new();
    private readonly SignatureChecks _checks;
    private readonly HashSet<IPEndPoint> _direct = [];
    private readonly SolicitSchedule _schedule = new();
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _roundAt = Never;
    private TimeSpan _announcementRoundAt = Never;
    private TimeSpan _lastAnnouncementRound = -AnnouncementRoundInterval;
    private TimeSpan _goodbyeRoundAt = Never;
    private int _goodbyeRounds;
    private TimeSpan _enoughAt = Never;
    private TimeSpan _lastRound = -MinRoundInterval;
    private bool _isStopped;

    internal Browser(ServerBrowserOptions options, IDatagramNetwork network)
    {
        _options = options;
        _network = network;
        _logger = AppLog.Create(options.LoggerFactory, Announcer.LogCategory);
        _start = options.TimeProvider.GetTimestamp();
        _checks = new SignatureChecks(options);
        _table = new BrowseTable(options, Feed);
        _own = network.Open(isShared: false);
        _shared = network.Open(isShared: true);
        _timer = new TickTimer(options.TimeProvider, Tick, _logger);
    }

    /// <summary>Gets what is new, for one reader.</summary>
    internal ChangeFeed Feed { get; } = new();

    /// <summary>Gets the servers in sight.</summary>
    internal IReadOnlyList<DiscoveredServer> Servers
    {
        get
        {
            lock (_gate)
            {
                return _table.Servers;
            }
        }
    }

    /// <summary>Gets the end of a search: the only known server answered, or the first of others did so some time ago.</summary>
    internal Task Enough => _enough.Task;

    /// <summary>Gets how many questions were asked.</summary>
    internal int Rounds { get; private set; }

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    internal void Start()
    {
        _network.Changed += StartOverSoon;
        _own.Start(ReceiveAnswer);
        _shared.Start(ReceiveNews);
        lock (_gate)
        {
            _roundAt = Now;
        }

        Tick();
        if (_own.Problem is { } problem)
        {
            Log.BrowsingBadly(_logger, problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
        }

        _network.Changed -= StartOverSoon;
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _own.DisposeAsync().ConfigureAwait(false);
        await _shared.DisposeAsync().ConfigureAwait(false);
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Tick()
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            TimeSpan now = Now;
            if (Sooner(_roundAt, Sooner(_announcementRoundAt, _goodbyeRoundAt)) <= now)
            {
                Ask(now);
            }

            if (_enoughAt <= now)
            {
                _enoughAt = Never;
                _enough.TrySetResult();
            }

            _table.Expire(now);
            Arm();
        }
    }

    private void Ask(TimeSpan now)
    {
        // Every reason to ask that is due is served by one question.
        if (_own.Renew() | _shared.Renew())
        {
            _schedule.StartOver();
        }

        if (_announcementRoundAt <= now)
        {
            _announcementRoundAt = Never;
            _lastAnnouncementRound = now;
        }

        if (_goodbyeRoundAt <= now)
        {
            _goodbyeRoundAt = --_goodbyeRounds > 0 ? now + GoodbyeRoundInterval : Never;
        }

        if (_roundAt <= now)
        {
            _roundAt = now + _schedule.Next();
        }

        _lastRound = now;
        Rounds++;
        byte[] question = BeaconWriter.Solicit(_questions.Add(now));
        _own.SendToAll(question);
        foreach (IPEndPoint server in _direct)
        {
            _own.Send(question, server);
        }

        _direct.Clear();
    }

    private void ReceiveAnswer(ReadOnlySpan<byte> datagram, IPEndPoint source, int card)
    {
        if (!BeaconPacket.TryTake(datagram, out BeaconPacket answer) || answer.Type != BeaconType.Reply || !IsWelcome(source.Address))
        {
            return;
        }

        lock (_gate)
        {
            TimeSpan now = Now;
            if (_isStopped || _questions.Find(answer.Nonce, now) is not { } asked || !_table.Wants(answer, source.Address) || !IsGenuine(answer, now))
            {
                return;
            }

            IEnumerable<IPAddress> extra = answer.ExtraAddresses().Where(address => IsWelcome(address) && NetworkCard.IsOnLink(_own.Cards, address));
            BrowseEntry entry = _table.Take(answer, source.Address, extra, now, _options.TimeProvider.GetUtcNow());
            if (!Enough.IsCompleted)
            {
                bool isAwaited = entry.IsKnown && _options.Known.Count == 1;
                _enoughAt = isAwaited ? now : Sooner(_enoughAt, now + _options.QuietTime);
            }

            if (entry.GoodbyeAt <= asked)
            {
                // Asked after it said goodbye, and still there.
                entry.GoodbyeAt = null;
            }

            Arm();
        }
    }

    private void ReceiveNews(ReadOnlySpan<byte> datagram, IPEndPoint source, int card)
    {
        if (!BeaconPacket.TryTake(datagram, out BeaconPacket news) || news.Type is not (BeaconType.Announce or BeaconType.Goodbye))
        {
            return;
        }

        lock (_gate)
        {
            if (_isStopped || !IsWelcome(source.Address) || !NetworkCard.IsNeighbour(_shared.Cards, source.Address, card, out _))
            {
                return;
            }

            TimeSpan now = Now;
            BrowseEntry? entry = _table.Find(news.Id);
            if (news.Type == BeaconType.Goodbye)
            {
                ReceiveGoodbye(news, entry, now);
            }
            else if (entry is null || entry.HasNews(news))
            {
                if (source.Port != _options.Port && _direct.Count < MaxDirectQuestions)
                {
                    _direct.Add(source);
                }

                if (_announcementRoundAt == Never)
                {
                    _announcementRoundAt = Later(Later(now, _lastAnnouncementRound + AnnouncementRoundInterval), _lastRound + MinRoundInterval);
                    Arm();
                }
            }
        }
    }

    private void ReceiveGoodbye(in BeaconPacket goodbye, BrowseEntry? entry, TimeSpan now)
    {
        bool isNew = entry is { GoodbyeAt: null } && goodbye.Epoch == entry.Epoch && goodbye.Sequence > entry.Sequence;
        if (!isNew || !IsGenuine(goodbye, now))
        {
            return;
        }

        entry!.GoodbyeAt = now;
        _goodbyeRounds = GoodbyeRounds;
        _goodbyeRoundAt = Later(now, _lastRound + MinRoundInterval);
        Arm();
    }

    private bool IsWelcome(IPAddress address) => !_options.LoopbackOnly || IPAddress.IsLoopback(address);

    private bool IsGenuine(in BeaconPacket packet, TimeSpan now) => BeaconPacket.IsTaken(
        !_checks.TryTake(_table.IsKnown(packet.Id), now) ? BeaconDefect.TooMany : BeaconSignature.IsGenuine(packet) ? BeaconDefect.None : BeaconDefect.NotGenuine);

    private void StartOverSoon()
    {
        lock (_gate)
        {
            _schedule.StartOver();
            _roundAt = Sooner(_roundAt, Now + RenewDelay);
            Arm();
        }
    }

    private void Arm()
    {
        TimeSpan next = Sooner(Sooner(Sooner(_roundAt, _announcementRoundAt), Sooner(_goodbyeRoundAt, _enoughAt)), _table.NextLost);
        if (!_isStopped && next != Never)
        {
            _timer.Set(next - Now);
        }
    }
}
