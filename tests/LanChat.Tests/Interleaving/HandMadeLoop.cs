using LanChat.Tests.Support;
using LanChat.Transport;

namespace LanChat.Tests.Interleaving;

/// <summary>The sleep, the wake and the round of <see cref="EventLoop"/>, put together by hand from its parts, so that one rule at a time can be broken.</summary>
internal sealed class HandMadeLoop(InterleavingScheduler scheduler)
{
    private readonly SleepFlag _sleep = new();
    private readonly IntrusiveStack<RoundSource> _marked = new();

    internal bool LooksBeforeItSleeps { get; init; }

    internal bool AsksBeforeItBrings { get; init; }

    internal bool MarksBeforeTheNews { get; init; }

    internal bool ClearsAfterTheLook { get; init; }

    internal bool ClearsBeforeNext { get; init; }

    internal InterleavedNews News { get; } = new();

    internal InterleavedNews Other { get; } = new();

    internal void Run()
    {
        for (; ; )
        {
            bool isIdle = LooksBeforeItSleeps && _marked.IsEmpty;
            _sleep.Raise();
            isIdle = LooksBeforeItSleeps ? isIdle : _marked.IsEmpty;
            if (isIdle && !scheduler.AwaitRing(this))
            {
                return;
            }

            _sleep.Lower();
            for (RoundSource? source = _marked.TakeAll(); source is not null;)
            {
                source = Collect(source);
            }
        }
    }

    internal void Bring() => Bring(News);

    internal void BringOther() => Bring(Other);

    private RoundSource? Collect(RoundSource source)
    {
        if (ClearsBeforeNext)
        {
            source.ClearOutsideMark();
        }

        RoundSource? next = source.TakeNext();
        if (!ClearsBeforeNext && !ClearsAfterTheLook)
        {
            source.ClearOutsideMark();
        }

        source.CollectRound();
        if (ClearsAfterTheLook)
        {
            source.ClearOutsideMark();
        }

        return next;
    }

    private void Bring(InterleavedNews news)
    {
        if (!MarksBeforeTheNews)
        {
            news.Add();
        }

        if (news.TryMarkOutside())
        {
            bool wakes = AsksBeforeItBrings && _sleep.TryTake();
            _marked.TryPush(news);
            if (AsksBeforeItBrings ? wakes : _sleep.TryTake())
            {
                scheduler.Ring(this);
            }
        }

        if (MarksBeforeTheNews)
        {
            news.Add();
        }
    }
}
