using System.Buffers.Binary;
using System.Net;
using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Tests.Text;
using Xunit;

namespace LanChat.Tests.Fuzzing;

/// <summary>Strangers at the door of a server that has a join code and an operator's token, and who have neither.</summary>
public sealed class DoorFuzzTests
{
    // As long as a wrong proof waits for its answer, and a little more.
    private static readonly TimeSpan Answered = TimeSpan.FromMilliseconds(300);

    [Fact]
    [HostileInput(38, "a million mutations of HELLO")]
    public void Nobody_gets_in_without_the_code_whatever_is_said()
    {
        var failures = new FailureLog();
        var server = new MemoryServer(Callers.Patient with { LoggerFactory = failures, AllowPlaintext = true, JoinCode = JoinCode.Generate(), OperatorToken = OperatorToken.Create() });
        byte[][] said =
        [
            [.. WireFrame.Hello("bo"), .. Prove(1), .. WireFrame.Join("lobby"), .. WireFrame.Publish(1, 1, "hello")],
            [.. WireFrame.Bytes(new HelloFrame { Version = 1, Flags = 1, Attempt = 1, Nonce = new byte[32], Name = "bo"u8 }), .. Prove(3), .. WireFrame.Join("lobby")],
            [.. WireFrame.Bytes(new HelloFrame { Version = 1, Session = 7, Token = new byte[16], Attempt = 2, Nonce = new byte[32], Name = "bo"u8 }), .. WireFrame.Join("lobby"), .. WireFrame.Goodbye()],
            .. new[] { "/code 7H3K-9QXA-PM2D-WZ41\nhello\n", "hello\n/name bo\n/join lobby\n/who\n", "/help\n/code\n/code x\nexit\n" }.Select(Encoding.UTF8.GetBytes),
        ];
        uint address = 0x0A000001;
        byte[] bytes = new byte[4];
        int answers = 0;

        Fuzz.Check(new Corpus(said, [.. HostileText.Fragments, Prove(1), Prove(2), Prove(3), "/code "u8.ToArray()]), input =>
        {
            // From another address each time: from one, no more than five proofs a minute are looked at.
            BinaryPrimitives.WriteUInt32BigEndian(bytes, address++);
            MemoryCaller stranger = server.ConnectPlain(new IPAddress(bytes));
            stranger.Say(input);
            server.Time.Advance(Answered);
            server.Run();
            byte[] answer = stranger.Client.ReadAll();
            answers += answer.Length > 0 ? 1 : 0;
            bool isIn = server.Context.Sessions.Count != 0 || (answer is [0, ..] && WireFrame.Parse(answer, out _).Exists(frame => frame.Type == FrameType.Welcome));
            stranger.Client.Reset();
            server.Run();
            return isIn ? "somebody got in" : failures.First;
        }, Fuzz.AnyAllocation);

        Assert.NotEqual(0, answers);
    }

    private static byte[] Prove(byte wanted) => WireFrame.Bytes(new ProveFrame { Wanted = wanted, Proofs = new byte[ProofBits.MeasureBytes(wanted)] });
}
