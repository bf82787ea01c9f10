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
/// </remarks>
internal sealed class UndecidedMessages(Session session)
{
    /// <summary>The most bytes of bodies that wait for one session: some sixty of the longest texts.</summary>
    internal const int MaxBytes = 256 << 10;

    private readonly Queue<UndecidedMessage> _messages = new();
    private readonly HookCancellation _cancellation = new(session.Home.Server.RunOnPool, session.Home.Server.Logger);
    private int _bytes;
    private bool _isOver;

    internal int Count => _messages.Count;

    internal CancellationToken Token => _cancellation.Token;

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
            Server.RunOnPool(message);
        }

        return true;
    }

    /// <summary>The app has decided on the oldest message.</summary>
    internal void Decide(UndecidedMessage message, PublishDecision decision)
    {
        if (_isOver)
        {
            return;
        }

        _messages.Dequeue();
        _bytes -= message.Body.Length;
        DisconnectReason refusal = CarryOut(message, in decision, out long sequence);
        Settle(message, sequence, refusal, decision.IsAccepted ? "" : decision.Text);
        if (_messages.TryPeek(out UndecidedMessage? next))
        {
            Server.RunOnPool(next);
        }
    }

    /// <summary>The session ends. When the server stops, its client is told that what is here was not carried out; otherwise it is gone or was sent away.</summary>
    internal void End(DisconnectReason reason)
    {
        _isOver = true;
        _cancellation.Cancel();
        while (reason == DisconnectReason.ServerStopping && _messages.TryDequeue(out UndecidedMessage? message))
        {
            Settle(message, sequence: 0, reason, "");
        }

        _messages.Clear();
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
