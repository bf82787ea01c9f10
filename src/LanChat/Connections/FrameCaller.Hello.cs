using System.Security.Cryptography;
using System.Text;
using LanChat.Datagrams;
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

    private static readonly byte[] NoSecret = new byte[FrameLimits.UdpSecretBytes];

    private long _rejoinDue = long.MaxValue;

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
        else if ((hello.Flags & HelloFrame.OperatorFlag) != 0 && !Server.Proofs.HasOperators)
        {
            Connection.End(DisconnectReason.NotProved, "this server gives no operator rights over a connection");
        }
        else if (!TurnAway())
        {
            ComeIn(in hello);
        }
    }

    private void ComeIn(in HelloFrame hello)
    {
        if (FindOwn(in hello) is { } known && known.Home != Connection.ServerLoop)
        {
            // First: what it proves, it proves there.
            Connection.MoveTo(known.Home);
        }
        else if (!MayJoin(in hello))
        {
            Metrics.CountLimit(nameof(ChatServerOptions.JoinRatePerAddress));
            Connection.End(DisconnectReason.TooFast, Refusals.TooManyJoins);
        }
        else if (Server.Proofs.WantedOf(asksForRights: (hello.Flags & HelloFrame.OperatorFlag) != 0) is not 0 and byte wanted)
        {
            AskForProofs(in hello, wanted);
        }
        else
        {
            Admit(in hello);
        }
    }

    // The caller may come in. Whether there is a place for it is another question.
    private void Admit(in HelloFrame hello)
    {
        if (hello.Session != 0 && Server.Sessions.Find(hello.Session) is { } known)
        {
            Resume(known, in hello);
        }
        else if (Server.Options.Authenticate is not null)
        {
            _request ??= new HelloRequest(in hello, challenge: null);
            BeginAuthentication(NameForApp(hello.Name), hello.Credential, isText: false);
        }
        else
        {
            Start(hello.Name, hello.Attempt);
        }
    }

    // Coming back is no joining. Whoever names a session and has not its token is counted like a newcomer.
    private bool MayJoin(in HelloFrame hello) => FindOwn(in hello) is not null || Server.JoinRates.TryTake(Connection.Link.Source);

    // The session that the caller wants back, if it is the caller's.
    private Session? FindOwn(in HelloFrame hello) =>
        hello.Session != 0 && Server.Sessions.Find(hello.Session) is { } known && IsOwn(known, in hello) ? known : null;

    private bool IsOwn(Session session, in HelloFrame hello) =>
        CryptographicOperations.FixedTimeEquals(session.Token, hello.Token) && session.IsSecure == Connection.IsSecure;

    // As the session will have it: an app that looks a name up must not be asked about one way of writing it, and another be taken.
    private static string NameForApp(ReadOnlySpan<byte> wanted) => SessionNames.TryCreate(wanted, out SessionName? name, out _) ? name.Text : TextRules.SanitizeToLine(wanted);

    protected override void OnAdmitted(string? name)
    {
        HelloFrame hello = _request!.Frame;
        Start(name is null ? hello.Name : Encoding.UTF8.GetBytes(name), hello.Attempt);
        ForgetHello();
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
        if (!IsOwn(session, in hello))
        {
            Connection.End(DisconnectReason.NotProved);
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
        ConnectionDatagrams? datagrams = Connection.OpenDatagrams();
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
            Proofs = _request is { Challenge: { } challenge } ? challenge.Proofs : default,
            UdpPort = (ushort)(datagrams is null ? 0 : Server.Datagrams!.Port),
            UdpConnection = datagrams?.Number ?? 0,
            UdpSecret = datagrams is null ? NoSecret : datagrams.Secret,
            ServerName = Server.Name,
            YourName = session.Name.Utf8,
            Text = Encoding.UTF8.GetBytes(Server.Welcome),
        }.WriteTo(Connection.Output);
        Connection.Loop.Queue(Connection);
    }
}
