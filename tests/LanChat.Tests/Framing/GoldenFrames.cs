using LanChat.Framing;

namespace LanChat.Tests.Framing;

/// <summary>The protocol's frames, byte for byte. The left side is written by hand from docs/protocol.md and must never be made by the code under test.</summary>
internal static class GoldenFrames
{
    private const string A16 = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
    private const string B32 = "B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF";
    private const string C32 = "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECF";
    private const string D32 = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
    private const string Zero8 = "0000000000000000";
    private const string Zero16 = Zero8 + Zero8;
    private const string Zero32 = Zero16 + Zero16;

    private static readonly byte[] A = Convert.FromHexString(A16);
    private static readonly byte[] B = Convert.FromHexString(B32);
    private static readonly byte[] C = Convert.FromHexString(C32);
    private static readonly byte[] D = Convert.FromHexString(D32);
    private static readonly byte[] BAndC = [.. B, .. C];
    private static readonly byte[] X300 = [.. Enumerable.Repeat((byte)'x', 300)];

    /// <summary>One or more of every type.</summary>
    public static IReadOnlyList<GoldenFrame> All { get; } =
    [
        // length   type magic    ver flags session           token         attempt    after                 nonce        name
        GoldenFrame.Of<HelloFrame>("HELLO",
            "0000004F 01 4C414E43 01 01 1122334455667788" + A16 + "00000007 0000000000000102" + B32 + "03 616461",
            o => new HelloFrame { Version = 1, Flags = 1, Session = 0x1122334455667788, Token = A, Attempt = 7, After = 0x102, Nonce = B, Name = "ada"u8 }.WriteTo(o)),
        GoldenFrame.Of<HelloFrame>("HELLO with a credential",
            "00000053 01 4C414E43 01 01 1122334455667788" + A16 + "00000007 0000000000000102" + B32 + "03 616461 0002 FF00",
            o => new HelloFrame { Version = 1, Flags = 1, Session = 0x1122334455667788, Token = A, Attempt = 7, After = 0x102, Nonce = B, Name = "ada"u8, Credential = [0xFF, 0] }.WriteTo(o)),
        GoldenFrame.Of<HelloFrame>("HELLO of a guest",
            "0000004C 01 4C414E43 01 00" + Zero8 + Zero16 + "00000000" + Zero8 + Zero32 + "00",
            o => new HelloFrame { Version = 1 }.WriteTo(o)),

        GoldenFrame.Of<ProveFrame>("PROVE one", "00000022 02 02" + B32, o => new ProveFrame { Wanted = 2, Proofs = B }.WriteTo(o)),
        GoldenFrame.Of<ProveFrame>("PROVE both", "00000042 02 03" + B32 + C32, o => new ProveFrame { Wanted = 3, Proofs = BAndC }.WriteTo(o)),
        GoldenFrame.Of<ProveFrame>("PROVE nothing", "00000002 02 00", o => new ProveFrame().WriteTo(o)),

        GoldenFrame.Of<JoinFrame>("JOIN", "00000019 03 0102 1112131415161718 2122232425262728 05 6C6F626279",
            o => new JoinFrame { Replay = 0x0102, Epoch = 0x1112131415161718, After = 0x2122232425262728, Room = "lobby"u8 }.WriteTo(o)),
        GoldenFrame.Of<LeaveFrame>("LEAVE", "00000005 04 01020304", o => new LeaveFrame { Room = 0x01020304 }.WriteTo(o)),

        GoldenFrame.Of<PublishFrame>("PUBLISH", "00000012 05 00000001 0000000000000203 80 0002 6869",
            o => new PublishFrame { Room = 1, Id = 0x203, Flags = PublishFrame.OpaqueFlag, Body = "hi"u8 }.WriteTo(o)),
        GoldenFrame.Of<PublishFrame>("PUBLISH of 300 bytes", "0000013C 05 00000001 0000000000000001 00 012C" + Repeat("78", 300),
            o => new PublishFrame { Room = 1, Id = 1, Body = X300 }.WriteTo(o)),
        GoldenFrame.Of<DirectFrame>("DIRECT", "00000010 06 0000000000000405 02 626F 0002 6869",
            o => new DirectFrame { Id = 0x405, To = "bo"u8, Body = "hi"u8 }.WriteTo(o)),
        GoldenFrame.Of<CommandFrame>("COMMAND", "00000012 07 0000000000000607 04 6B69636B 0002 626F",
            o => new CommandFrame { Id = 0x607, Verb = "kick"u8, Argument = "bo"u8 }.WriteTo(o)),
        GoldenFrame.Of<WhoFrame>("WHO", "00000005 08 00000001", o => new WhoFrame { Room = 1 }.WriteTo(o)),
        GoldenFrame.Of<PingFrame>("PING", "00000009 0E 0102030405060708", o => new PingFrame { Opaque = 0x0102030405060708 }.WriteTo(o)),
        GoldenFrame.Of<PongFrame>("PONG", "00000009 0F 8182838485868788", o => new PongFrame { Opaque = 0x8182838485868788 }.WriteTo(o)),
        GoldenFrame.Of<ByeFrame>("BYE", "00000009 10 0102 0004 676F6E65", o => new ByeFrame { Code = 0x0102, Text = "gone"u8 }.WriteTo(o)),

        GoldenFrame.Of<WelcomeFrame>("WELCOME",
            "000000EA 81 01 01 1112131415161718" + A16 // version, flags, session, token
            + "2122232425262728 0003 0400 00010000 00001000 00003A98 00007530" // last id, last end, window, max frame, max text, heartbeat, resume
            + "3132333435363738 02 4142434445464748 5152535455565758" // mailbox
            + B32 + "02" + B32 + C32 + "2382 6162636465666768" + D32 // server id, proofs, udp port, connection, secret
            + "03 44656E 03 616461 0005 48656C6C6F",
            o => new WelcomeFrame
            {
                Version = 1,
                Flags = WelcomeFrame.ResumedFlag,
                Session = 0x1112131415161718,
                Token = A,
                LastId = 0x2122232425262728,
                LastEnd = 3,
                Window = 1024,
                MaxFrameBytes = 65536,
                MaxTextBytes = 4096,
                HeartbeatMilliseconds = 15000,
                ResumeMilliseconds = 30000,
                MailboxEpoch = 0x3132333435363738,
                MailboxOutcome = JoinOutcome.Gap,
                MailboxFirst = 0x4142434445464748,
                MailboxNewest = 0x5152535455565758,
                ServerId = B,
                Proofs = BAndC,
                UdpPort = 9090,
                UdpConnection = 0x6162636465666768,
                UdpSecret = D,
                ServerName = "Den"u8,
                YourName = "ada"u8,
                Text = "Hello"u8,
            }.WriteTo(o)),
        GoldenFrame.Of<ChallengeFrame>("CHALLENGE", "00000042 82 03" + C32 + D32,
            o => new ChallengeFrame { Wanted = 3, Nonce = C, ServerId = D }.WriteTo(o)),
        GoldenFrame.Of<JoinedFrame>("JOINED", "00000029 83 00000001 01 1112131415161718 03 2122232425262728 3132333435363738 00000105 05 6C6F626279",
            o => new JoinedFrame
            {
                Room = 1,
                Flags = JoinedFrame.CountedFlag,
                Epoch = 0x1112131415161718,
                Outcome = JoinOutcome.Reset,
                First = 0x2122232425262728,
                Newest = 0x3132333435363738,
                Members = 0x105,
                Name = "lobby"u8,
            }.WriteTo(o)),
        GoldenFrame.Of<PartedFrame>("PARTED", "00000011 84 00000000 0010 03 64656E 0004 6E6F6E65",
            o => new PartedFrame { Room = 0, Code = 16, Name = "den"u8, Text = "none"u8 }.WriteTo(o)),

        // 36 + 1 + 3 + 2 + 2 = 44: no zeros. With one byte more, three zeros.
        GoldenFrame.Of<EntryFrame>("ENTRY", "00000028 85 01 8000 00000001 0000000000000102 0000018F0A0B0C0D 0000000000000203 03 616461 0002 6869",
            o => new EntryFrame
            {
                Kind = EntryKind.Message,
                Flags = EntryLayout.OpaqueFlag,
                Room = 1,
                Sequence = 0x102,
                Time = 0x18F0A0B0C0D,
                Id = 0x203,
                Name = "ada"u8,
                Body = "hi"u8,
            }.WriteTo(o)),
        GoldenFrame.Of<EntryFrame>("ENTRY with zeros", "0000002C 85 03 0000 00000002 0000000000000003 FFFFFFFFFFFFFFFE 0000000000000000 01 61 0006 00000005 0008 0000",
            o => new EntryFrame { Kind = EntryKind.Left, Room = 2, Sequence = 3, Time = -2, Name = "a"u8, Body = [0, 0, 0, 5, 0, 8] }.WriteTo(o)),

        GoldenFrame.Of<RosterFrame>("ROSTER", "00000018 86 00000001 0000000000000203 01 0003 03 616461 02 626F 00",
            o => new RosterFrame { Room = 1, Sequence = 0x203, More = true, Count = 3, Names = [3, (byte)'a', (byte)'d', (byte)'a', 2, (byte)'b', (byte)'o', 0] }.WriteTo(o)),
        GoldenFrame.Of<RosterFrame>("ROSTER of nobody", "00000010 86 00000001 0000000000000000 00 0000", o => new RosterFrame { Room = 1 }.WriteTo(o)),
        GoldenFrame.Of<RejectedFrame>("REJECTED", "00000010 87 0000000000000203 000E 0003 776169",
            o => new RejectedFrame { Id = 0x203, Code = 14, Text = "wai"u8 }.WriteTo(o)),
        GoldenFrame.Of<GapFrame>("GAP", "00000015 88 00000001 0000000000000102 0000000000000304", o => new GapFrame { Room = 1, From = 0x102, To = 0x304 }.WriteTo(o)),
        GoldenFrame.Of<ResultFrame>("RESULT", "0000000D 89 0000000000000203 0002 6F6B", o => new ResultFrame { Id = 0x203, Text = "ok"u8 }.WriteTo(o)),
        GoldenFrame.Of<AckFrame>("ACK", "00000011 8A 0000000000000203 1112131415161718", o => new AckFrame { Id = 0x203, Sequence = 0x1112131415161718 }.WriteTo(o)),
    ];

    public static GoldenFrame Named(string name) => All.Single(golden => golden.Name == name);

    private static string Repeat(string hex, int count) => string.Concat(Enumerable.Repeat(hex, count));
}
