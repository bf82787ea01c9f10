using System.Text;
using LanChat.Diagnostics;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <content>What a text caller has to wait for: the app's answer to whether it may come in, the app's decisions on what it said before a command, and that its answers are on their way. The lines that follow
/// wait too, unread.</content>
internal sealed partial class TextCaller
{
    // A whole line waits, and what follows it.
    private bool _hasToWait;

    // More answers than may pile up wait to be sent, and lines wait for them: a few bytes can ask for much, again and again in one receive.
    private bool _hasManyAnswers;

    // Once the caller has ended its side: how long what still waits then may take.
    private long _finishDue = long.MaxValue;

    private bool HasEnded => _finishDue != long.MaxValue;

    internal override void OnDecided(UndecidedMessage message, long sequence, DisconnectReason refusal, string text)
    {
        if (refusal != default)
        {
            Refuse(refusal, Encoding.UTF8.GetBytes(text));
        }
        else if (message.To is null)
        {
            _unconfirmed.Enqueue(sequence);
        }
        else
        {
            Write(new Line { Kind = LineKind.Confirmed, Sequence = sequence });
        }

        // When the server stops, its word is the last: this may be said in the middle of that.
        if (Connection.Session is { HasUndecided: false } && !Server.IsDraining)
        {
            GoOn();
        }
    }

    private bool AnswersPileUp()
    {
        if (Connection.OutputCount <= ServerConnection.MaxOutputBytes)
        {
            return false;
        }

        _hasManyAnswers = true;
        Connection.Loop.Queue(Connection);
        return true;
    }

    // Whenever something may be sent: goes on with the lines once nothing waits any more. Posted: this is the middle of a flush.
    private void LookAtAnswers()
    {
        if (!_hasManyAnswers)
        {
            return;
        }

        if (Connection.OutputCount > 0)
        {
            Connection.Loop.Queue(Connection);
            return;
        }

        _hasManyAnswers = false;
        Post(static me => me.GoOn(), this);
    }

    // The welcome, and the lobby. With the first line, or after a while of silence: an HTTP or SSH client is to be told apart before that.
    // False when the caller is refused, or the app is to be asked first.
    private bool TryGreet()
    {
        if (Connection.Session is not null)
        {
            return true;
        }

        if (IsAuthenticating)
        {
            return false;
        }

        if (TurnAway())
        {
            return false;
        }

        if (!Server.JoinRates.TryTake(Connection.Link.Source))
        {
            Metrics.CountLimit(nameof(ChatServerOptions.JoinRatePerAddress));
            Connection.End(DisconnectReason.TooFast, Refusals.TooManyJoins);
            return false;
        }

        if (Server.Options.Authenticate is not null)
        {
            BeginAuthentication(name: "", credential: [], isText: true);
            return false;
        }

        Greet(name: null);
        return Connection.IsTalking;
    }

    private void Greet(SessionName? name)
    {
        if (Connection.StartSession(name, attempt: 0, out DisconnectReason refusal) is not { } session)
        {
            Connection.End(refusal);
            return;
        }

        Write(new Line { Kind = LineKind.Words, Text = Encoding.UTF8.GetBytes(Server.Welcome) });
        Enter(session, new JoinRequest(Replay, Epoch: 0, After: 0, Encoding.UTF8.GetBytes(RoomTable.Lobby)));
    }

    protected override void OnAdmitted(string? name)
    {
        SessionName? given = null;
        if (name is not null && !SessionNames.TryCreate(Encoding.UTF8.GetBytes(name), out given, out NameCheck check))
        {
            Connection.End(DisconnectReason.BadName, check.Explain());
            return;
        }

        // A name that the app gives is not the caller's to change.
        _isNamed = given is not null;
        Greet(given);
    }

    protected override void GoOn()
    {
        base.GoOn();
        if (HasEnded)
        {
            Finish();
        }
    }

    // After the caller has ended its side: its last line counts, also without an end, and so does having come. Again, when something of it had to wait.
    private void Finish()
    {
        if (IsAuthenticating || _hasToWait || !Connection.IsTalking)
        {
            return;
        }

        if (Connection.Held.Count > 0)
        {
            byte[] line = new byte[Connection.Held.Count];
            Connection.Held.CopyTo(line);
            if (!TryAct(line))
            {
                return;
            }

            Connection.Held.Release();
        }

        if (Connection.IsTalking && IsOutside)
        {
            Connection.End(DisconnectReason.NotProved, CodeIsMissing, drain: true);
        }
        else if (Connection.IsTalking && TryGreet() && Connection.Session is { HasUndecided: false })
        {
            Connection.End(DisconnectReason.Goodbye, drain: true);
        }
    }
}
