using System.Buffers;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <content>What a text caller's lines do.</content>
internal sealed partial class TextCaller
{
    private bool _isNamed;

    // Until then it may still turn out to be no person, also after it was greeted for its silence.
    private bool _hasSpoken;

    // False when the line has to wait and comes again.
    private bool TryAct(ReadOnlySpan<byte> line)
    {
        const byte TelnetCommand = 0xFF;
        if (line.Contains(TelnetCommand))
        {
            byte[] plain = line.ToArray();
            line = plain.AsSpan(0, TelnetCommands.Remove(plain));
        }

        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }

        if (!_hasSpoken && AnswerStranger(line))
        {
            return true;
        }

        _hasSpoken |= !line.IsEmpty;
        if (Connection.Session is null)
        {
            if (IsOutside)
            {
                if (!EndAsTooLong(line))
                {
                    ActOutside(line);
                }

                return true;
            }

            if (!TryGreet())
            {
                return !Connection.IsTalking;
            }
        }

        return EndAsTooLong(line) || line.IsEmpty || !Connection.IsTalking || Connection.Session is not { } session || TryAct(session, line);
    }

    private bool EndAsTooLong(ReadOnlySpan<byte> line)
    {
        bool isTooLong = line.Length > MaxLineBytes;
        if (isTooLong)
        {
            Connection.End(DisconnectReason.FrameTooLarge, LineIsTooLong);
        }

        return isTooLong;
    }

    // A browser or an ssh client at the wrong door: one line of answer, and nothing of what it says is published.
    private bool AnswerStranger(ReadOnlySpan<byte> line)
    {
        bool isSsh = line.StartsWith("SSH-"u8);
        bool isHttp = line.LastIndexOf(" HTTP/"u8) is > 0 and int at && line[(at + 1)..].Length <= "HTTP/1.1"u8.Length;
        if (isSsh || isHttp)
        {
            Metrics.UnknownCallers.Add(1);
            Connection.End(DisconnectReason.ProtocolViolation, "this is a LanChat server; use a LanChat client, or netcat");
        }

        return isSsh || isHttp;
    }

    private bool TryAct(Session session, ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> word = Split(line, out ReadOnlySpan<byte> rest);
        bool isExit = IsFarewell(line, word);
        if (session.HasUndecided && (isExit || word is [(byte)'/', ..]))
        {
            // What the app is still to decide on was said before.
            return false;
        }

        Act(session, line, isExit, word, rest);
        return true;
    }

    private void Act(Session session, ReadOnlySpan<byte> line, bool isExit, ReadOnlySpan<byte> word, ReadOnlySpan<byte> rest)
    {
        // What happened before this line stands before its answer.
        Draw();
        if (isExit)
        {
            Connection.End(DisconnectReason.Goodbye, drain: true);
        }
        else if (word is not [(byte)'/', ..])
        {
            Publish(session, line);
        }
        else if (!TakeControlToken(ref session.ControlTokens))
        {
            Metrics.CountLimit(nameof(ChatServerOptions.ControlRate));
            Connection.End(DisconnectReason.TooFast);
        }
        else if (word.SequenceEqual("/name"u8))
        {
            Rename(session, rest);
        }
        else if (word.SequenceEqual("/who"u8))
        {
            Who();
        }
        else if (word.SequenceEqual("/join"u8))
        {
            Move(session, rest);
        }
        else if (word.SequenceEqual("/msg"u8))
        {
            Direct(session, rest);
        }
        else if (word.SequenceEqual("/code"u8))
        {
            Write(new Line { Kind = LineKind.Words, Text = Server.Proofs.WantsCode ? "you are in already"u8 : "this server asks for no code"u8 });
        }
        else if (word.SequenceEqual("/help"u8))
        {
            Write(new Line
            {
                Kind = LineKind.Words,
                Text = "text is said to the room; /name NAME, /who, /join ROOM, /msg NAME TEXT, /help; exit or /quit to leave"u8,
            });
        }
        else
        {
            Refuse(DisconnectReason.BadText, "no such command; /help lists them"u8);
        }
    }

    private static bool IsFarewell(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word) => line.SequenceEqual("exit"u8) || word.SequenceEqual("/quit"u8);

    private bool TakeControlToken(ref TokenBucket tokens) => tokens.TryTake(
        Connection.Loop.Timestamp, Server.Options.TimeProvider.TimestampFrequency, Server.Options.ControlRate, Server.Options.ControlRate * 10.0);

    private void Publish(Session session, ReadOnlySpan<byte> text)
    {
        ulong id = session.Outcomes.Last + 1;
        var frame = new PublishFrame { Room = _room?.Room.Number ?? 0, Id = id, Body = text };
        DisconnectReason refusal = Publishing.TryPublish(Connection, session, in frame, out long sequence);
        session.Outcomes.Record(refusal == default ? Outcome.Of(sequence) : Outcome.Rejected(refusal));
        if (refusal != default)
        {
            Refuse(refusal);
        }
        else if (sequence > 0)
        {
            _unconfirmed.Enqueue(sequence);
        }
    }

    private void Direct(Session session, ReadOnlySpan<byte> argument)
    {
        ReadOnlySpan<byte> to = Split(argument, out ReadOnlySpan<byte> text);
        if (text.IsEmpty)
        {
            Refuse(DisconnectReason.BadText, "say /msg NAME TEXT"u8);
            return;
        }

        ulong id = session.Outcomes.Last + 1;
        DisconnectReason refusal = Publishing.TryDirect(Connection, session, id, to, text, out long sequence);
        session.Outcomes.Record(refusal == default ? Outcome.Of(sequence) : Outcome.Rejected(refusal));
        if (refusal != default)
        {
            Refuse(refusal);
        }
        else if (sequence > 0)
        {
            Write(new Line { Kind = LineKind.Confirmed, Sequence = sequence });
        }
    }

    private void Rename(Session session, ReadOnlySpan<byte> wanted)
    {
        if (session.HasPublished || _isNamed)
        {
            Refuse(DisconnectReason.NotPermitted, "a name can be chosen once, before anything is said"u8);
        }
        else if (!SessionNames.TryCreate(wanted, out SessionName? name, out NameCheck check))
        {
            Refuse(DisconnectReason.BadName, Encoding.UTF8.GetBytes(check.Explain()));
        }
        else
        {
            SessionName old = session.Name;
            DisconnectReason refusal = Server.Sessions.Rename(session, name);
            if (refusal != default)
            {
                if (refusal == DisconnectReason.Banned)
                {
                    Connection.NoteBannedCaller();
                }

                Refuse(refusal);
                return;
            }

            _isNamed = true;
            try
            {
                foreach (Membership membership in session.Memberships)
                {
                    if (!membership.IsLeaving)
                    {
                        membership.Room.Rename(membership);
                    }
                }
            }
            finally
            {
                Server.Sessions.ReleaseOld(session, old);
            }
        }
    }

    private void Who()
    {
        if (_room is null)
        {
            Refuse(DisconnectReason.NotAMember);
            return;
        }

        byte[][] names = _room.Room.Who(out _);
        var list = new ArrayBufferWriter<byte>();
        foreach (byte[] name in names)
        {
            list.Write(list.WrittenCount > 0 ? ", "u8 : []);
            list.Write(name);
        }

        Write(new Line { Kind = LineKind.Members, Members = (uint)names.Length, Text = list.WrittenSpan });
    }

    private void Move(Session session, ReadOnlySpan<byte> room)
    {
        if (_room is { } left && left.Room == Server.Rooms.Find(Encoding.UTF8.GetString(room)))
        {
            Refuse(DisconnectReason.AlreadyThere);
            return;
        }

        Membership? before = _room;
        _room = null;
        Enter(session, new JoinRequest(Replay, Epoch: 0, After: 0, room.ToArray()));
        if (_room is null && !session.IsToRejoin)
        {
            // Refused: the caller stays where it is.
            _room = before;
        }
        else
        {
            before?.Room.Leave(before, DisconnectReason.Goodbye);
        }
    }

    // The first word, and what follows it.
    private static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> rest)
    {
        int space = line.IndexOf((byte)' ');
        rest = space < 0 ? [] : line[(space + 1)..].Trim((byte)' ');
        return space < 0 ? line : line[..space];
    }
}
