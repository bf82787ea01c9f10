using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>A real loop as one thread of an exhaustive case.</summary>
internal sealed class InterleavedLoop
{
    private readonly RecordingLogger _logger = new();

    internal InterleavedLoop(InterleavingScheduler scheduler, TimeProvider? time = null)
    {
        Poller = new InterleavedPoller(scheduler);
        Loop = new EventLoop(Poller, time ?? new FakeTimeProvider(), "interleaved", _logger);
    }

    internal InterleavedPoller Poller { get; }

    internal EventLoop Loop { get; }

    /// <summary>A thread: iterates until nobody is left who could wake it.</summary>
    internal static void Run(EventLoop loop)
    {
        try
        {
            for (; ; )
            {
                loop.RunOnce(block: true);
            }
        }
        catch (LoopAtRestException)
        {
        }
    }

    /// <inheritdoc cref="Run(EventLoop)"/>
    internal void Run() => Run(Loop);

    /// <summary>Before the threads run: it sleeps, and stays so, for it is none of them.</summary>
    internal void FallAsleep() => Run(Loop);

    /// <summary>A loop logs what goes wrong in work and sources, and goes on; a test must not.</summary>
    internal void CheckLog() => Assert.Empty(_logger.Lines);
}

/// <summary>News that any thread adds to and the loop of a case collects.</summary>
internal sealed class InterleavedNews : RoundSource
{
    private const int NewsWord = 10;

    private int _added;

    internal int Seen { get; private set; }

    internal void Add()
    {
        Interleave.Point(Access.Change, this, NewsWord);
        _added++;
    }

    internal override void CollectRound()
    {
        Interleave.Point(Access.Read, this, NewsWord);
        Seen = _added;
    }
}
