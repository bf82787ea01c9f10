using System.Buffers;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>The text door: a person with netcat or telnet, or a client of the first generation (docs/protocol.md, sections 1 and 8).</summary>
/// <remarks>
/// A text caller is a session like any other; its round draws the entries of its cursors as lines instead of sending them as they are. It is
/// in one room at a time. What it may say besides text is in <c>TextCaller.Commands.cs</c>, what before it may at all in
/// <c>TextCaller.Code.cs</c>, how it comes in, and what it has to wait for, in <c>TextCaller.Waiting.cs</c>.
/// </remarks>
internal sealed partial class TextCaller : Caller
{
    /// <summary>The longest line, its end not counted.</summary>
    private const int MaxLineBytes = 4096;

    private const string LineIsTooLong = "a line has at most 4,096 bytes";

    /// <summary>Lines are drawn only while fewer bytes than this wait; the rest stays in the log, where it counts as lag.</summary>
    private const int DrawBytes = 64 << 10;

    /// <summary>How many entries of history a newcomer is shown; of them only what was said.</summary>
    private const int Replay = 50;

    /// <summary>How many confirmations may be owed to a caller when it is moved on past them: 64 times what may be open of one that speaks frames, at 8 bytes each. Beyond it
    /// the caller only speaks and never reads, and is ended as too slow.</summary>
    private const int MaxUnconfirmed = 64 << 10;

    // The sequences of own messages whose entries the cursor has not passed yet: each is drawn as its confirmation.
    private readonly Queue<long> _unconfirmed = new();

    // When it is greeted without having said a line; where it is asked for a code, by when it must have said that.
    private long _greetDue;
    private long _lineDue = long.MaxValue;

    // Where the caller is. Null before it is greeted, and between two rooms.
    private Membership? _room;

    /// <param name="connection">The connection.</param>
    /// <param name="greetDue">When the caller is greeted without having said a line: a timestamp.</param>
    internal TextCaller(ServerConnection connection, long greetDue)
        : base(connection) => _greetDue = greetDue;

    internal override bool SendsEntries => false;

    // Lines have no token.
    internal override bool CanResume => false;

    internal override SequencePosition OnReceived(ReadOnlySequence<byte> bytes)
    {
        if (IsAuthenticating)
        {
            return Keep(bytes);
        }

        _hasToWait = false;
        while (Connection.IsTalking)
        {
            // A telnet command before a line begins none, so it need not be followed by one in time. The loop hands over contiguous bytes.
            bytes = bytes.Slice(TelnetCommands.MeasureLeading(bytes.FirstSpan));
            int end = TelnetCommands.IndexOfLineFeed(bytes.FirstSpan);
            if (end < 0)
            {
                break;
            }

            // It is whole; what it may have to wait for is not the caller's doing.
            _lineDue = long.MaxValue;
            if (AnswersPileUp() || !TryAct(bytes.FirstSpan[..end]))
            {
                _hasToWait = true;
                return Keep(bytes);
            }

            bytes = bytes.Slice(end + 1);
        }

        if (!Connection.IsTalking)
        {
            return bytes.End;
        }

        // A CR may be the first half of the line's end.
        if (bytes.Length > MaxLineBytes && bytes.FirstSpan is not [.. { Length: MaxLineBytes }, (byte)'\r'])
        {
            Connection.End(DisconnectReason.FrameTooLarge, LineIsTooLong);
            return bytes.End;
        }

        if (bytes.IsEmpty)
        {
            _lineDue = long.MaxValue;
        }
        else if (_lineDue == long.MaxValue)
        {
            _lineDue = Connection.After(Server.Options.LineTimeout);
            Connection.ScheduleNext(_lineDue);
        }

        return bytes.Start;
    }

    // A caller may end its side (echo hello | nc) and still read its confirmations. What it said last counts, with or without a line's end.
    internal override bool OnEndOfStream()
    {
        _finishDue = Connection.After(Server.Options.LineTimeout);
        Connection.ScheduleNext(_finishDue);
        Finish();
        return true;
    }

    internal override void WriteBye(DisconnectReason reason, string text) => Write(new Line
    {
        Kind = LineKind.Bye,
        Code = (int)reason,
        Text = text.Length > 0 ? Encoding.UTF8.GetBytes($"{ReasonWords.Of(reason)}: {text}") : [],
    });

    internal override long CheckDeadlines(long now)
    {
        if (now >= _lineDue)
        {
            Metrics.CountLimit(nameof(ChatServerOptions.LineTimeout));
            Connection.End(DisconnectReason.ProtocolViolation, $"a line was not ended within {Server.Options.LineTimeout.TotalSeconds:0.###} s");
            return long.MaxValue;
        }

        if (now >= _finishDue)
        {
            Connection.End(DisconnectReason.Goodbye, drain: true);
            return long.MaxValue;
        }

        if (Connection.Session is null && !IsAuthenticating && now >= _greetDue)
        {
            GreetOrAsk();
        }

        long due = Math.Min(_lineDue, _finishDue);
        if (IsAuthenticating)
        {
            return Math.Min(due, CheckAuthentication(now));
        }

        return Math.Min(due, Connection.Session is { } session ? IdleLimit.Check(Connection, session, now) : _greetDue);
    }

    internal override void Draw()
    {
        LookAtAnswers();
        if (Connection.Session is not { } session)
        {
            return;
        }

        foreach (Membership membership in session.Memberships)
        {
            while (Connection.OutputCount < DrawBytes
                && membership.Cursor.Position < membership.StopAt
                && !Connection.IsUntold(membership.Cursor)
                && membership.Cursor.TryReadEntry(out ReadOnlySpan<byte> bytes))
            {
                if (EntryFrame.TryDecodeWhole(bytes, out EntryFrame entry))
                {
                    DrawEntry(membership, in entry);
                }

                membership.Cursor.Advance(bytes.Length);
            }

            if (membership.IsLeaving && !membership.HasStopped)
            {
                // What is still to come from the room before stands before anything of the next, or confirmations would be taken for each other's.
                break;
            }
        }

        while (Connection.OutputCount < DrawBytes && session.MailboxCursor is { } mailbox && !Connection.IsUntold(mailbox) && mailbox.TryReadEntry(out ReadOnlySpan<byte> bytes))
        {
            if (EntryFrame.TryDecodeWhole(bytes, out EntryFrame entry))
            {
                Draw(in entry);
            }

            mailbox.Advance(bytes.Length);
        }

        // More may be waiting than was drawn; it comes when this is on its way.
        if (Connection.OutputCount >= DrawBytes)
        {
            Connection.Loop.Queue(Connection);
        }
    }

    // Between two rooms it could not be told which one's messages are confirmed.
    internal override bool MayMissEntries => _unconfirmed.Count <= MaxUnconfirmed && Connection.Session is { Memberships.Only: not null };

    internal override void OnGap(Membership? membership, long first, long last)
    {
        Write(new Line { Kind = LineKind.Gap, Sequence = first, LastSequence = last });

        // A person does not send again what was not confirmed.
        while (membership is not null && _unconfirmed.TryPeek(out long own) && own >= first && own <= last)
        {
            _unconfirmed.Dequeue();
            Write(new Line { Kind = LineKind.Confirmed, Sequence = own });
        }
    }

    internal override void OnParted(Membership membership)
    {
        if (membership.Rejoin is { } request && Connection.Session is { } session)
        {
            Enter(session, request);
        }
    }

    private void DrawEntry(Membership membership, in EntryFrame entry)
    {
        long sequence = (long)entry.Sequence;
        if (_unconfirmed.TryPeek(out long own) && own == sequence)
        {
            _unconfirmed.Dequeue();
            Write(new Line { Kind = LineKind.Confirmed, Sequence = sequence });
        }
        else if (sequence >= membership.Newest || entry.Kind is EntryKind.Message or EntryKind.Notice)
        {
            Draw(in entry);
        }
    }

    private void Draw(in EntryFrame entry)
    {
        ReadOnlySpan<byte> text = entry.Body;
        uint members = 0;
        ushort code = 0;
        switch (entry.Kind)
        {
            case EntryKind.Joined or EntryKind.Members when PresenceBody.TryReadMembers(entry.Body, out members):
            case EntryKind.Left when PresenceBody.TryReadLeft(entry.Body, out members, out code):
                text = [];
                break;
            case EntryKind.Message or EntryKind.Notice or EntryKind.LostContact or EntryKind.Back or EntryKind.Direct or EntryKind.Private:
                break;
            default:
                return;
        }

        Write(new Line
        {
            Kind = (LineKind)entry.Kind,
            Time = entry.Time,
            Name = entry.Name,
            Text = text,
            IsOpaque = entry.IsOpaque,
            Members = members,
            Code = code,
        });
    }

    private void Write(in Line line)
    {
        LineFormat.Write(Connection.Output, in line, Server.Options.TimeProvider.LocalTimeZone);
        Connection.Output.Write("\n"u8);
        Connection.Loop.Queue(Connection);
    }

    private void Refuse(DisconnectReason reason) => Refuse(reason, Refusals.Utf8(reason));

    private void Refuse(DisconnectReason reason, ReadOnlySpan<byte> text) =>
        Write(new Line { Kind = LineKind.Rejected, Code = (int)reason, Text = text });

    private void Enter(Session session, JoinRequest request)
    {
        DisconnectReason refusal = Joining.TryJoin(Connection, session, request, out JoinAnswer answer);
        if (refusal != default)
        {
            Refuse(refusal);
            return;
        }

        _room = answer.Membership ?? _room;
        if (answer.IsCounted)
        {
            Write(new Line { Kind = LineKind.Members, Members = (uint)answer.Members });
        }
    }
}
