using System.Buffers;

namespace LanChat.Framing;

/// <summary>A server's yes to HELLO: the session, the limits that hold from now on, and what became of the mailbox.</summary>
internal readonly ref struct WelcomeFrame : IFrame<WelcomeFrame>
{
    /// <summary>The session asked for is back: ids go on. Without it they start at 1 again.</summary>
    public const byte ResumedFlag = 1;

    private const int FixedBytes = 1 + 1 + 8 + FrameLimits.TokenBytes + 8 + 2 + 2 + 4 + 4 + 4 + 4 + 8 + 1 + 8 + 8
        + FrameLimits.ServerIdBytes + 1 + 2 + 8 + FrameLimits.UdpSecretBytes;

    public static FrameType Type => FrameType.Welcome;

    public byte Version { get; init; }

    public byte Flags { get; init; }

    public bool IsResumed => (Flags & ResumedFlag) != 0;

    public ulong Session { get; init; }

    /// <summary>Gets the session's token for life, 16 bytes.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>Gets the last id that the server received in this session.</summary>
    public ulong LastId { get; init; }

    /// <summary>Gets the code with which the session's last connection ended; 0 where none.</summary>
    public ushort LastEnd { get; init; }

    /// <summary>Gets how many ids may be open, and how many outcomes are kept.</summary>
    public ushort Window { get; init; }

    /// <summary>Gets the largest length word from now on, both ways.</summary>
    public uint MaxFrameBytes { get; init; }

    public uint MaxTextBytes { get; init; }

    public uint HeartbeatMilliseconds { get; init; }

    public uint ResumeMilliseconds { get; init; }

    public ulong MailboxEpoch { get; init; }

    public JoinOutcome MailboxOutcome { get; init; }

    public ulong MailboxFirst { get; init; }

    public ulong MailboxNewest { get; init; }

    /// <summary>Gets the server's id, 32 bytes.</summary>
    public ReadOnlySpan<byte> ServerId { get; init; }

    /// <summary>Gets the server's proofs, 32 bytes each, for the bits of its CHALLENGE; the lowest bit first (<see cref="ProofBits.Find"/>).</summary>
    public ReadOnlySpan<byte> Proofs { get; init; }

    /// <summary>Gets the port of the UDP twin; 0 where there is none.</summary>
    public ushort UdpPort { get; init; }

    public ulong UdpConnection { get; init; }

    /// <summary>Gets the secret from which the UDP keys are made, 32 bytes; zeros on plain connections.</summary>
    public ReadOnlySpan<byte> UdpSecret { get; init; }

    public ReadOnlySpan<byte> ServerName { get; init; }

    /// <summary>Gets the name that the session has, as asked for or given.</summary>
    public ReadOnlySpan<byte> YourName { get; init; }

    public ReadOnlySpan<byte> Text { get; init; }

    public static bool TryDecode(ReadOnlySpan<byte> body, out WelcomeFrame frame)
    {
        var fields = new FieldReader(body);
        frame = new WelcomeFrame
        {
            Version = fields.U8(),
            Flags = fields.U8(),
            Session = fields.U64(),
            Token = fields.Bytes(FrameLimits.TokenBytes),
            LastId = fields.U64(),
            LastEnd = fields.U16(),
            Window = fields.U16(),
            MaxFrameBytes = fields.U32(),
            MaxTextBytes = fields.U32(),
            HeartbeatMilliseconds = fields.U32(),
            ResumeMilliseconds = fields.U32(),
            MailboxEpoch = fields.U64(),
            MailboxOutcome = (JoinOutcome)fields.U8(),
            MailboxFirst = fields.U64(),
            MailboxNewest = fields.U64(),
            ServerId = fields.Bytes(FrameLimits.ServerIdBytes),
            Proofs = fields.Bytes(fields.U8() * FrameLimits.ProofBytes),
            UdpPort = fields.U16(),
            UdpConnection = fields.U64(),
            UdpSecret = fields.Bytes(FrameLimits.UdpSecretBytes),
            ServerName = fields.Str8(),
            YourName = fields.Str8(),
            Text = fields.Str16(),
        };
        return fields.IsWhole;
    }

    // 81 · version u8 · flags u8 · session u64 · token 16 · last id u64 · last end u16 · window u16
    //    · max frame u32 · max text u32 · heartbeat ms u32 · resume ms u32
    //    · mailbox: epoch u64 · outcome u8 · first u64 · newest u64
    //    · server id 32 · count u8 · count × proof 32 · udp port u16 · udp connection 8 · udp secret 32
    //    · server name str8 · your name str8 · text str16
    public void WriteTo(IBufferWriter<byte> output)
    {
        (int proofs, int rest) = Math.DivRem(Proofs.Length, FrameLimits.ProofBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rest, 0, nameof(Proofs));

        var fields = new FieldWriter(output, Type, FixedBytes + Proofs.Length
            + FieldWriter.Str8Bytes(ServerName) + FieldWriter.Str8Bytes(YourName) + FieldWriter.Str16Bytes(Text));
        fields.U8(Version);
        fields.U8(Flags);
        fields.U64(Session);
        fields.Fixed(Token, FrameLimits.TokenBytes);
        fields.U64(LastId);
        fields.U16(LastEnd);
        fields.U16(Window);
        fields.U32(MaxFrameBytes);
        fields.U32(MaxTextBytes);
        fields.U32(HeartbeatMilliseconds);
        fields.U32(ResumeMilliseconds);
        fields.U64(MailboxEpoch);
        fields.U8((byte)MailboxOutcome);
        fields.U64(MailboxFirst);
        fields.U64(MailboxNewest);
        fields.Fixed(ServerId, FrameLimits.ServerIdBytes);
        fields.U8(checked((byte)proofs));
        fields.Bytes(Proofs);
        fields.U16(UdpPort);
        fields.U64(UdpConnection);
        fields.Fixed(UdpSecret, FrameLimits.UdpSecretBytes);
        fields.Str8(ServerName);
        fields.Str8(YourName);
        fields.Str16(Text);
        fields.End();
    }
}
