using System.Buffers;
using LanChat.Framing;

namespace LanChat.Tests.Framing;

/// <summary>A frame of any type with any values, all drawn from one number: a failing case is printed, shrunk and replayed as a list of numbers.</summary>
internal static class GeneratedFrame
{
    /// <summary>Fits every frame there can be.</summary>
    public const int MaxFrameBytes = 256 * 1024;

    /// <summary>Every type's way to decode and write anew.</summary>
    private static readonly Dictionary<FrameType, GoldenFrame.Recoder> Recoders =
        GoldenFrames.All.DistinctBy(golden => golden.Type).ToDictionary(golden => golden.Type, golden => golden.Recode);

    private static readonly FrameType[] Types = Enum.GetValues<FrameType>();

    public static byte[] From(int seed)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(new Random(seed), output);
        return output.WrittenSpan.ToArray();
    }

    public static GoldenFrame.Recoder RecoderOf(FrameType type) => Recoders[type];

    private static void Write(Random r, IBufferWriter<byte> output)
    {
        switch (Types[r.Next(Types.Length)])
        {
            case FrameType.Hello:
                new HelloFrame { Version = U8(r), Flags = U8(r), Session = U64(r), Token = Bytes(r, 16), Attempt = U32(r), After = U64(r), Nonce = Bytes(r, 32), Name = Str8(r), Credential = Bytes(r, r.Next(2) * r.Next(FrameLimits.MaxCredentialBytes)) }.WriteTo(output);
                break;
            case FrameType.Prove:
                byte wanted = U8(r);
                new ProveFrame { Wanted = wanted, Proofs = Bytes(r, ProofBits.MeasureBytes(wanted)) }.WriteTo(output);
                break;
            case FrameType.Join:
                new JoinFrame { Replay = U16(r), Epoch = U64(r), After = U64(r), Room = Str8(r) }.WriteTo(output);
                break;
            case FrameType.Leave:
                new LeaveFrame { Room = U32(r) }.WriteTo(output);
                break;
            case FrameType.Publish:
                new PublishFrame { Room = U32(r), Id = U64(r), Flags = U8(r), Body = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Direct:
                new DirectFrame { Id = U64(r), To = Str8(r), Body = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Command:
                new CommandFrame { Id = U64(r), Verb = Str8(r), Argument = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Who:
                new WhoFrame { Room = U32(r) }.WriteTo(output);
                break;
            case FrameType.Ping:
                new PingFrame { Opaque = U64(r) }.WriteTo(output);
                break;
            case FrameType.Pong:
                new PongFrame { Opaque = U64(r) }.WriteTo(output);
                break;
            case FrameType.Bye:
                new ByeFrame { Code = U16(r), Text = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Welcome:
                WriteWelcome(r, output);
                break;
            case FrameType.Challenge:
                new ChallengeFrame { Wanted = U8(r), Nonce = Bytes(r, 32), ServerId = Bytes(r, 32) }.WriteTo(output);
                break;
            case FrameType.Joined:
                new JoinedFrame { Room = U32(r), Flags = U8(r), Epoch = U64(r), Outcome = (JoinOutcome)U8(r), First = U64(r), Newest = U64(r), Members = U32(r), Name = Str8(r) }.WriteTo(output);
                break;
            case FrameType.Parted:
                new PartedFrame { Room = U32(r), Code = U16(r), Name = Str8(r), Text = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Entry:
                new EntryFrame { Kind = (EntryKind)U8(r), Flags = U16(r), Room = U32(r), Sequence = U64(r), Time = (long)U64(r), Id = U64(r), Name = Str8(r), Body = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Roster:
                byte[][] names = [.. Enumerable.Range(0, r.Next(20)).Select(_ => Str8(r))];
                RosterWriter.Write(output, U32(r), U64(r), names, MaxFrameBytes);
                break;
            case FrameType.Rejected:
                new RejectedFrame { Id = U64(r), Code = U16(r), Text = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Gap:
                new GapFrame { Room = U32(r), From = U64(r), To = U64(r) }.WriteTo(output);
                break;
            case FrameType.Result:
                new ResultFrame { Id = U64(r), Text = Str16(r) }.WriteTo(output);
                break;
            case FrameType.Ack:
                new AckFrame { Id = U64(r), Sequence = U64(r) }.WriteTo(output);
                break;
        }
    }

    private static void WriteWelcome(Random r, IBufferWriter<byte> output) => new WelcomeFrame
    {
        Version = U8(r),
        Flags = U8(r),
        Session = U64(r),
        Token = Bytes(r, 16),
        LastId = U64(r),
        LastEnd = U16(r),
        Window = U16(r),
        MaxFrameBytes = U32(r),
        MaxTextBytes = U32(r),
        HeartbeatMilliseconds = U32(r),
        ResumeMilliseconds = U32(r),
        MailboxEpoch = U64(r),
        MailboxOutcome = (JoinOutcome)U8(r),
        MailboxFirst = U64(r),
        MailboxNewest = U64(r),
        ServerId = Bytes(r, 32),
        Proofs = Bytes(r, 32 * r.Next(4)),
        UdpPort = U16(r),
        UdpConnection = U64(r),
        UdpSecret = Bytes(r, 32),
        ServerName = Str8(r),
        YourName = Str8(r),
        Text = Str16(r),
    }.WriteTo(output);

    private static byte U8(Random r) => (byte)r.Next(256);

    private static ushort U16(Random r) => (ushort)r.Next(65536);

    private static uint U32(Random r) => (uint)r.NextInt64(1L << 32);

    private static ulong U64(Random r) => unchecked((ulong)r.NextInt64(long.MinValue, long.MaxValue));

    private static byte[] Str8(Random r) => Bytes(r, r.Next(8) == 0 ? 255 - r.Next(2) : r.Next(24));

    // Mostly short, so that many frames share a segment; sometimes as long as it gets.
    private static byte[] Str16(Random r) => Bytes(r, r.Next(16) switch { 0 => 65535 - r.Next(2), 1 => 255 + r.Next(3), 2 => r.Next(5000), _ => r.Next(60) });

    private static byte[] Bytes(Random r, int count)
    {
        byte[] bytes = new byte[count];
        r.NextBytes(bytes);
        return bytes;
    }
}
