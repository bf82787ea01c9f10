using System.Buffers;

namespace LanChat.Framing;

/// <summary>The first frame of a client: who it is, and which session it wants back.</summary>
internal readonly ref struct HelloFrame : IFrame<HelloFrame>
{
    /// <summary>The caller asks for operator rights.</summary>
    public const byte OperatorFlag = 1;

    private const int FixedBytes = 4 + 1 + 1 + 8 + FrameLimits.TokenBytes + 4 + 8 + FrameLimits.NonceBytes;

    public static FrameType Type => FrameType.Hello;

    public byte Version { get; init; }

    public byte Flags { get; init; }

    /// <summary>Gets the session to take over; 0 asks for a new one.</summary>
    public ulong Session { get; init; }

    /// <summary>Gets the session's token, 16 bytes.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>Gets the number of this connection attempt; it rises with every one of a session.</summary>
    public uint Attempt { get; init; }

    /// <summary>Gets the last mailbox sequence that was processed.</summary>
    public ulong After { get; init; }

    /// <summary>Gets the client's share of the proofs' transcript, 32 bytes.</summary>
    public ReadOnlySpan<byte> Nonce { get; init; }

    /// <summary>Gets the name wanted; empty: the server gives one.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Gets what the caller gives the app as proof of who it is; empty: nothing, as from those who do not know the field.</summary>
    public ReadOnlySpan<byte> Credential { get; init; }

    /// <summary>As everywhere; and false also when the frame does not start with <see cref="FrameLimits.Magic"/>. The version is the caller's to judge,
    /// for only it can say so in an answer.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, out HelloFrame frame)
    {
        var fields = new FieldReader(body);
        bool isLanChat = fields.U32() == FrameLimits.Magic;
        frame = new HelloFrame
        {
            Version = fields.U8(),
            Flags = fields.U8(),
            Session = fields.U64(),
            Token = fields.Bytes(FrameLimits.TokenBytes),
            Attempt = fields.U32(),
            After = fields.U64(),
            Nonce = fields.Bytes(FrameLimits.NonceBytes),
            Name = fields.Str8(),
            Credential = fields.Rest.IsEmpty ? [] : fields.Str16(),
        };
        return isLanChat && fields.IsWhole;
    }

    // 01 · magic u32 · version u8 · flags u8 · session u64 · token 16 · attempt u32 · after u64 · nonce 32 · name str8 · credential str16, unless it is empty
    public void WriteTo(IBufferWriter<byte> output)
    {
        int credentialBytes = Credential.IsEmpty ? 0 : FieldWriter.Str16Bytes(Credential);
        var fields = new FieldWriter(output, Type, FixedBytes + FieldWriter.Str8Bytes(Name) + credentialBytes);
        fields.U32(FrameLimits.Magic);
        fields.U8(Version);
        fields.U8(Flags);
        fields.U64(Session);
        fields.Fixed(Token, FrameLimits.TokenBytes);
        fields.U32(Attempt);
        fields.U64(After);
        fields.Fixed(Nonce, FrameLimits.NonceBytes);
        fields.Str8(Name);
        if (credentialBytes > 0)
        {
            fields.Str16(Credential);
        }

        fields.End();
    }
}
