using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>The messages of one session that the app is still to decide on (<see cref="ChatServerOptions.OnPublish"/>), one after the other, in the order in which they came. Everything runs on the session's
/// loop but the app's own code.</summary>
/// <remarks>
/// <para>Their ids are received, so the session's last id has moved; their outcome is open (<see cref="Outcome.Undecided"/>), and a repeat gets none until there is one, which then goes to the connection
/// that the session has at that time. Losing a connection changes nothing here; when the session ends, nothing more of it is carried out.</para>
/// <para>What was true when a message came need not be when it is decided, so membership and recipient are looked at again.</para>
/// <para>An app that does not answer in time is told to stop, and what waits is rejected. It is asked about the next message only when it has returned: it must not be called more often than agreed.</para>
/// </remarks>
internal sealed class UndecidedMessages(Session session)
{
    /// <summary>The most bytes of bodies that wait for one session: some sixty of the longest texts.</summary>
    internal const int MaxBytes = 256 << 10;

    private const string NotInTime = "it was not decided in time; try again later";

    private readonly Queue<UndecidedMessage> _messages = new();
    private int _bytes;
    private bool _isOver;

    // The message that the app is asked about: the oldest, or one that was given up and whose answer nobody wants any more.
    private UndecidedMessage? _asked;

    // By when it must have answered: a timestamp. Set with each message, the timer is not: it looks again when it comes too early.
    private long _due;
    private ITimer? _timer;
    private bool _isTimed;

    internal int Count => _messages.Count;

    internal Session Session => session;

    private ServerContext Server => session.Home.Server;

    /// <summary>Takes a message, if there is room for it.</summary>
    internal bool TryAdd(UndecidedMessage message)
    {
        if (_messages.Count >= Server.Options.MaxUndecided || _bytes + message.Body.Length > MaxBytes)
        {
            Metrics.CountLimit(nameof(ChatServerOptions.MaxUndecided));
            return false;
        }

        _messages.Enqueue(message);
        _bytes += message.Body.Length;
        if (_messages.Count == 1)
        {
            AskNext();
        }

        return true;
    }

    /// <summary>The app has decided on a message.</summary>
    internal void Decide(UndecidedMessage message, PublishDecision decision)
    {
        if (_isOver)
        {
            return;
        }

        _asked = null;
        if (_messages.TryPeek(out UndecidedMessage? oldest) && oldest == message)
        {
            Remove();
            DisconnectReason refusal = CarryOut(message, in decision, out long sequence);
            Settle(message, sequence, refusal, decision.IsAccepted ? "" : decision.Text);
        }

        AskNext();
    }

    /// <summary>The session ends. When the server stops, its client is told that what is here was not carried out; otherwise it is gone or was sent away.</summary>
    internal void End(DisconnectReason reason)
    {
        _isOver = true;
        _asked?.Cancellation.Cancel();
        _timer?.Dispose();
        while (reason == DisconnectReason.ServerStopping && _messages.Count > 0)
        {
            Settle(Remove(), sequence: 0, reason, "");
        }

        _messages.Clear();
    }

    // Settling a message may let the next lines of a person in, and with them messages that are asked about at once: so what is asked about already is looked at, and not how many there are.
    private void AskNext()
    {
        if (!_messages.TryPeek(out UndecidedMessage? next))
        {
            return;
        }

        _due = session.Home.Loop.Timestamp + (long)(Server.Options.OnPublishTimeout.TotalSeconds * Server.Options.TimeProvider.TimestampFrequency);
        StartTimer(Server.Options.OnPublishTimeout);
        if (_asked is null)
        {
            _asked = next;
            Server.RunOnPool(next);
        }
    }

    private void StartTimer(TimeSpan wait)
    {
        if (!_isTimed)
        {
            _isTimed = true;
            _timer ??= Server.Options.TimeProvider.CreateTimer(
                static all => ((UndecidedMessages)all!).Session.Home.Loop.Post(static all => all.CheckTime(), (UndecidedMessages)all), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void CheckTime()
    {
        _isTimed = false;
        if (_isOver || _messages.Count == 0)
        {
            return;
        }

        TimeSpan left = Server.Options.TimeProvider.GetElapsedTime(session.Home.Loop.Timestamp, _due);
        if (left > TimeSpan.Zero)
        {
            StartTimer(left);
            return;
        }

        Metrics.CountLimit(nameof(ChatServerOptions.OnPublishTimeout));
        _asked?.Cancellation.Cancel();

        // Those that are here now: what comes in while they are settled has its own time.
        for (int count = _messages.Count; count > 0; count--)
        {
            Settle(Remove(), sequence: 0, DisconnectReason.NotPermitted, NotInTime);
        }
    }

    private UndecidedMessage Remove()
    {
        UndecidedMessage message = _messages.Dequeue();
        _bytes -= message.Body.Length;
        return message;
    }

    private DisconnectReason CarryOut(UndecidedMessage message, in PublishDecision decision, out long sequence)
    {
        sequence = 0;
        if (!decision.IsAccepted)
        {
            return decision.Reason;
        }

        ReadOnlySpan<byte> body = message.Body;
        if (decision.Replacement is { } replacement && TextRules.TrySanitize(Encoding.UTF8.GetBytes(replacement), session.Home.TextScratch, out body) != TextCheck.Ok)
        {
            return DisconnectReason.BadText;
        }

        if (message.To is not null)
        {
            return Publishing.Deliver(session, message.Id, message.To, body, out sequence);
        }

        if (session.FindMembership(message.Room) is not { IsLeaving: false } membership || membership != message.Visit)
        {
            // Also when it came in again: the client's room of then is over, and would take no entry for its confirmation.
            return DisconnectReason.NotAMember;
        }

        ushort flags = message.IsOpaque && decision.Replacement is null ? EntryLayout.OpaqueFlag : (ushort)0;
        if (!membership.Room.TryPublishLate(membership, flags, message.Id, body, session.Home.Loop.UtcMilliseconds, out sequence))
        {
            return DisconnectReason.TooFast;
        }

        session.HasPublished = true;
        Metrics.Messages.Add(1);
        return default;
    }

    private void Settle(UndecidedMessage message, long sequence, DisconnectReason refusal, string text)
    {
        if (refusal != default)
        {
            Metrics.Rejected.Add(1, Refusals.Tag(refusal));
        }

        session.Outcomes.Settle(message.Id, refusal == default ? Outcome.Accepted(sequence) : Outcome.Rejected(refusal));
        session.Connection?.OnDecided(message, sequence, refusal, text.Length > 0 ? text : Sentence(refusal));
    }

    // Elsewhere that code is about commands, and says that they take operator rights.
    private static string Sentence(DisconnectReason refusal) =>
        refusal == DisconnectReason.NotPermitted ? "this server does not take that" : Refusals.Sentence(refusal);
}
