using System.Text;
using LanChat.Framing;

namespace LanChat.Tests.Client;

/// <summary>The frames that tests send, with values that do not matter to most of them.</summary>
internal sealed partial class ScriptedServer
{
    public void SendWelcome(
        string name = "ada",
        int window = 1024,
        uint heartbeatMs = 15_000,
        uint maxFrame = 65_536,
        uint maxText = 4096,
        ulong session = 5,
        bool resumed = false,
        ulong lastId = 0,
        (ulong Epoch, JoinOutcome Outcome, ulong First, ulong Newest) mailbox = default,
        byte[]? proofs = null) =>
        Send(new WelcomeFrame
        {
            Version = 1,
            Flags = resumed ? WelcomeFrame.ResumedFlag : (byte)0,
            Session = session,
            Token = Token(session),
            LastId = lastId,
            Window = (ushort)window,
            MaxFrameBytes = maxFrame,
            MaxTextBytes = maxText,
            HeartbeatMilliseconds = heartbeatMs,
            ResumeMilliseconds = 30_000,
            MailboxEpoch = mailbox.Epoch,
            MailboxOutcome = mailbox.Outcome,
            MailboxFirst = mailbox.First,
            MailboxNewest = mailbox.Newest,
            ServerId = Bytes(AnnouncedId ?? (_tls is null ? default : Identity.Id)),
            Proofs = proofs,
            UdpPort = Udp.Port,
            UdpConnection = Udp.Connection,
            UdpSecret = Udp.Secret ?? new byte[32],
            ServerName = "Den"u8,
            YourName = Utf8(name),
            Text = "be kind"u8,
        });

    public void SendJoined(
        string room, uint number, ulong first, ulong newest, uint members, byte flags = 0, JoinOutcome outcome = JoinOutcome.Fresh, ulong epoch = Epoch) =>
        Send(new JoinedFrame { Room = number, Flags = flags, Epoch = epoch, Outcome = outcome, First = first, Newest = newest, Members = members, Name = Utf8(room) });

    /// <summary>The token of a session.</summary>
    public static byte[] Token(ulong session) => [.. Enumerable.Range(0, FrameLimits.TokenBytes).Select(i => (byte)(session + (ulong)i))];

    public void SendRoster(uint room, ulong sequence, params string[] names)
    {
        _frame.ResetWrittenCount();
        RosterWriter.Write(_frame, room, sequence, names.Select(Utf8).ToArray(), 4096);
        SendBytes(_frame.WrittenSpan);
    }

    public void SendEntry(EntryKind kind, ulong sequence, string name, byte[] body, ulong id = 0, uint room = Lobby, ushort flags = 0) =>
        Send(new EntryFrame { Kind = kind, Flags = flags, Room = room, Sequence = sequence, Time = 1000, Id = id, Name = Utf8(name), Body = body });

    public void SendMessage(ulong sequence, string name, string text, ulong id = 0, uint room = Lobby) =>
        SendEntry(EntryKind.Message, sequence, name, Utf8(text), id, room);

    public void SendBye(DisconnectReason reason, string text = "") => Send(new ByeFrame { Code = (ushort)reason, Text = Utf8(text) });

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Members(uint members)
    {
        byte[] body = new byte[PresenceBody.MembersBytes];
        PresenceBody.WriteMembers(body, members);
        return body;
    }

    public static byte[] Left(uint members, DisconnectReason reason)
    {
        byte[] body = new byte[PresenceBody.LeftBytes];
        PresenceBody.WriteLeft(body, members, (ushort)reason);
        return body;
    }

    public static byte[] Bytes(ServerId id)
    {
        byte[] bytes = new byte[ServerId.Bytes];
        id.WriteTo(bytes);
        return bytes;
    }
}
