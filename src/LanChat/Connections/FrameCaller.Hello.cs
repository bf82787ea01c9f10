using System.Security.Cryptography;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <content>The beginning of a connection: a new session, or one that the caller had before (docs/protocol.md, section 4).</content>
internal sealed partial class FrameCaller
{
    /// <summary>How long a client that came back may take to join its rooms again; those that it does not are left.</summary>
    private static readonly TimeSpan RejoinTime = TimeSpan.FromSeconds(5);

    private long _rejoinDue = long.MaxValue;

    // What is needed of HELLO while the app is asked about the caller.
    private (byte[] Name, uint Attempt) _hello;

    private void OnHello(ReadOnlySpan<byte> body)
    {
        if (!HelloFrame.TryDecode(body, out HelloFrame hello))
        {
            Violation("a malformed HELLO");
        }
        else if (hello.Version != FrameLimits.Version)
        {
            Connection.End(DisconnectReason.Version);
        }
        else if ((hello.Flags & ~HelloFrame.OperatorFlag) != 0)
        {
            Connection.End(DisconnectReason.UnknownFlag);
        }
        else if ((hello.Flags & HelloFrame.OperatorFlag) != 0)
        {
            Connection.End(DisconnectReason.NotProved, "this server gives no operator rights over a connection");
        }
        else if (Server.IsDraining)
        {
            Connection.End(DisconnectReason.ServerStopping);
        }
        else if (hello.Session != 0 && Server.Sessions.Find(hello.Session) is { } known)
        {
            Resume(known, in hello);
        }
        else if (!Server.JoinRates.TryTake(Connection.Link.Source))
        {
            Metrics.CountLimit(nameof(ChatServerOptions.JoinRatePerAddress));
            Connection.End(DisconnectReason.TooFast, Refusals.TooManyJoins);
        }
        else if (Server.Options.Authenticate is not null)
        {
            _hello = (hello.Name.ToArray(), hello.Attempt);
            BeginAuthentication(TextRules.SanitizeToLine(hello.Name), hello.Credential, isText: false);
        }
        else
        {
            Start(hello.Name, hello.Attempt);
        }
    }

    protected override void OnAdmitted(string? name)
    {
        (byte[] wanted, uint attempt) = _hello;
        _hello = default;
        Start(name is null ? wanted : Encoding.UTF8.GetBytes(name), attempt);
    }

    private void Start(ReadOnlySpan<byte> wanted, uint attempt)
    {
        SessionName? name = null;
        if (!wanted.IsEmpty && !SessionNames.TryCreate(wanted, out name, out NameCheck check))
        {
            Connection.End(DisconnectReason.BadName, check.Explain());
        }
        else if (Connection.StartSession(name, attempt, out DisconnectReason refusal) is { } session)
        {
            WriteWelcome(session, isResumed: false, new MailboxStart(JoinOutcome.Fresh, First: 1, Newest: 0));
        }
        else
        {
            Connection.End(refusal);
        }
    }

    // The name is the session's own, whatever this HELLO says. Nothing changes before everything is checked; what only the session's loop knows is checked there.
    private void Resume(Session session, in HelloFrame hello)
    {
        if (!CryptographicOperations.FixedTimeEquals(session.Token, hello.Token) || session.IsSecure != Connection.IsSecure)
        {
            Connection.End(DisconnectReason.NotProved);
        }
        else if (session.Home != Connection.ServerLoop)
        {
            Connection.MoveTo(session.Home);
        }
        else if (!session.IsLater(hello.Attempt))
        {
            Connection.End(DisconnectReason.Replaced);
        }
        else
        {
            MailboxStart mailbox = Connection.ResumeSession(session, hello.Attempt, hello.After);
            if (!Connection.IsTalking)
            {
                // It was over at this very moment, by the idle limit: that was the last word.
                return;
            }

            _rejoinDue = Connection.After(RejoinTime);
            Connection.ScheduleNext(_rejoinDue);
            WriteWelcome(session, isResumed: true, in mailbox);
        }
    }

    private void WriteWelcome(Session session, bool isResumed, in MailboxStart mailbox)
    {
        _maxFrameBytes = MaxFrameBytes(Server.Options);
        Span<byte> serverId = stackalloc byte[ServerId.Bytes];
        Server.Identity.Id.WriteTo(serverId);
        new WelcomeFrame
        {
            Version = FrameLimits.Version,
            Flags = isResumed ? WelcomeFrame.ResumedFlag : (byte)0,
            Session = session.Id,
            Token = session.Token,
            LastId = session.LastId,
            LastEnd = (ushort)session.LastEnd,
            Window = OutcomeWindow.Size,
            MaxFrameBytes = (uint)_maxFrameBytes,
            MaxTextBytes = (uint)Server.Options.MaxTextBytes,
            HeartbeatMilliseconds = (uint)Server.Options.HeartbeatInterval.TotalMilliseconds,
            ResumeMilliseconds = (uint)Server.Options.ResumeWindow.TotalMilliseconds,
            MailboxEpoch = session.MailboxEpoch,
            MailboxOutcome = mailbox.Outcome,
            MailboxFirst = (ulong)mailbox.First,
            MailboxNewest = (ulong)mailbox.Newest,
            ServerId = serverId,
            ServerName = Server.Name,
            YourName = session.Name.Utf8,
            Text = Encoding.UTF8.GetBytes(Server.Welcome),
        }.WriteTo(Connection.Output);
        Connection.Loop.Queue(Connection);
    }
}
