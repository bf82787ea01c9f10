using System.Text;
using LanChat.Diagnostics;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <content>A text caller at the door of a server that wants a join code (docs/protocol.md, sections 5 and 8): it has no session, is shown nothing but the server's name, and can say nothing to
/// anybody.</content>
internal sealed partial class TextCaller
{
    /// <summary>How long a person may look for the code.</summary>
    private static readonly TimeSpan CodeTime = TimeSpan.FromSeconds(60);

    private const string CodeIsMissing = "this server asks for a join code: say /code CODE first";

    private TokenBucket _linesOutside;
    private bool _isAsked;
    private bool _hasCode;

    private bool IsOutside => Server.Proofs.WantsCode && !_hasCode;

    // After a first silence the caller is asked for the code; after a longer one it is over.
    private void GreetOrAsk()
    {
        if (!IsOutside)
        {
            TryGreet();
            return;
        }

        // Before it is asked for anything.
        if (TurnAway())
        {
            return;
        }

        if (_isAsked)
        {
            Connection.End(DisconnectReason.NotProved, "no join code was said within 60 s");
            return;
        }

        StartCodeTime();
        Write(new Line { Kind = LineKind.Words, Text = Encoding.UTF8.GetBytes($"{Server.Options.Name} asks for a join code: say /code CODE") });
    }

    private void ActOutside(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || TurnAway())
        {
            return;
        }

        StartCodeTime();
        ReadOnlySpan<byte> word = Split(line, out ReadOnlySpan<byte> rest);
        if (IsFarewell(line, word))
        {
            Connection.End(DisconnectReason.Goodbye, drain: true);
        }
        else if (!TakeControlToken(ref _linesOutside))
        {
            Metrics.CountLimit(nameof(ChatServerOptions.ControlRate));
            Connection.End(DisconnectReason.TooFast);
        }
        else if (word.SequenceEqual("/code"u8))
        {
            if (Connection.PassesProof(Server.Proofs.CheckCode(Connection.Link, rest), "the join code is wrong"))
            {
                _hasCode = true;
                TryGreet();
            }
        }
        else if (word.SequenceEqual("/help"u8))
        {
            Write(new Line { Kind = LineKind.Words, Text = "/code CODE lets you in; exit or /quit to leave"u8 });
        }
        else
        {
            Refuse(DisconnectReason.NotProved, Encoding.UTF8.GetBytes(CodeIsMissing));
        }
    }

    private void StartCodeTime()
    {
        if (!_isAsked)
        {
            _isAsked = true;
            _greetDue = Connection.After(CodeTime);
            Connection.ScheduleNext(_greetDue);
        }
    }
}
