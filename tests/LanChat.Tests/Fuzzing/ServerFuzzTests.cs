using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Tests.Text;
using Xunit;

namespace LanChat.Tests.Fuzzing;

/// <summary>The whole way of a stranger's bytes through the real server, stepped on this thread.</summary>
public sealed class ServerFuzzTests
{
    // A connection, a session, a room and a log's first segments; what is far beyond has believed a length.
    private const long MaxAllocatedBytes = 512 << 10;

    private static readonly byte[] Visit =
    [
        .. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", replay: 3), .. Callers.Ping(7), .. WireFrame.Publish(1, 1, "hello"), .. WireFrame.Direct(2, "ada", "psst"),
        .. WireFrame.Bytes(new CommandFrame { Id = 3, Verb = "kick"u8, Argument = "ada"u8 }), .. WireFrame.Join("kitchen"), .. Callers.Who(1), .. Callers.Leave(1), .. WireFrame.Goodbye(),
    ];

    private static readonly byte[][] Hellos =
    [
        WireFrame.Hello("bo"), WireFrame.Hello(""), WireFrame.Hello("ada"), WireFrame.Hello("Жанна"), WireFrame.Hello("two words"),
        WireFrame.Bytes(new HelloFrame { Version = 1, Flags = 1, Session = 7, Token = new byte[16], Attempt = 3, After = 9, Nonce = new byte[32], Name = "cy"u8 }),
        WireFrame.Bytes(new HelloFrame { Version = 2, Flags = 0xFF, Name = "cy"u8 }),
    ];

    [Fact]
    [HostileInput(38, "a million mutations of HELLO")]
    public void No_HELLO_breaks_the_server_or_holds_up_its_members()
    {
        var server = new FuzzedServer();
        int welcomed = 0;
        int refused = 0;
        var corpus = new Corpus([.. Hellos, .. Hellos.Select(hello => (byte[])[.. hello, .. WireFrame.Join("lobby")])], [.. HostileText.Fragments]);

        Fuzz.Check(corpus, input =>
        {
            byte[] answer = server.Visit(input);
            if (answer is [0, ..])
            {
                List<WireFrame> frames = WireFrame.Parse(answer, out int used);
                welcomed += frames.Exists(frame => frame.Type == FrameType.Welcome) ? 1 : 0;
                refused += frames.Exists(frame => frame.Type == FrameType.Bye) ? 1 : 0;
                if (used != answer.Length || frames.FindIndex(frame => frame.Type == FrameType.Bye) is >= 0 and int bye && bye != frames.Count - 1)
                {
                    return "it is answered in what is no frame, or behind the last word";
                }
            }

            return server.Complaint();
        }, MaxAllocatedBytes);

        Assert.True(welcomed > 0 && refused > 0, $"{welcomed} welcomed, {refused} refused");
    }

    [Fact]
    public void No_frame_of_a_member_breaks_the_server_or_holds_up_the_others()
    {
        var server = new FuzzedServer();
        Fuzz.Check(new Corpus([Visit], [.. HostileText.Fragments]), input =>
        {
            server.Visit(input);
            return server.Complaint();
        }, MaxAllocatedBytes);
    }

    [Fact]
    public void No_lines_of_a_person_break_the_server_or_what_others_see()
    {
        var server = new FuzzedServer();
        string[] visits =
        [
            "hello\r\n/name bo\r\n", "/name bo\nhello\n/who\n/join kitchen\nhi\n/join lobby\n", "/msg ada psst\n/msg nobody x\n/msg\n/help\n/code 1234\n/nothing\nexit\n", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n",
            "/name Жанна\nгрüße\n/quit\n",
        ];
        byte[] telnet = [0xFF, 0xFB, 0x01, 0xFF, 0xFA, 0x18, 0x0A, 0xFF, 0xF0, .. "hi\r\n"u8];
        var corpus = new Corpus([.. visits.Select(Encoding.UTF8.GetBytes), telnet], [.. HostileText.Fragments, "\n"u8.ToArray(), "/name "u8.ToArray(), "/join "u8.ToArray(), [0xFF], [0xFF, 0xFA]]);

        Fuzz.Check(corpus, input =>
        {
            byte[] answer = server.Visit(input);

            // What begins as a frame, or as TLS, is no person.
            if (answer.Length > 0 && input[0] is not (0 or 0x16))
            {
                foreach (string line in Encoding.UTF8.GetString(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (FuzzedServer.Unsafe(line) is { } complaint && !IsOfTheServer(line))
                    {
                        return complaint;
                    }
                }
            }

            return server.Complaint();
        }, MaxAllocatedBytes);
    }

    private static bool IsOfTheServer(string line) => line is "welcome" or "this server asks for no code" || line.StartsWith("text is said to the room; ", StringComparison.Ordinal);
}
