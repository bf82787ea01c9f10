using LanChat.Framing;
using LanChat.Tests.Client;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Fuzzing;

/// <summary>The whole way of a server's bytes through a real client.</summary>
public sealed class ClientFuzzTests
{
    [Fact]
    public void No_server_breaks_a_client_by_what_it_says_after_its_welcome()
    {
        byte[] stream = [.. GoldenStream()];
        Fuzz.Check(new Corpus([stream, stream[..(stream.Length / 2)]], [.. Framing.GoldenFrames.All.Where(frame => frame.Bytes.Length < 200).Select(frame => frame.Bytes)]), input => Play(input, isWelcomed: true), Fuzz.AnyAllocation);
    }

    [Fact]
    public void No_server_breaks_a_client_by_how_it_welcomes_it()
    {
        byte[] welcome = Framing.GoldenFrames.Named("WELCOME").Bytes;
        Fuzz.Check(new Corpus([welcome]), input => Play(input, isWelcomed: false), Fuzz.AnyAllocation);
    }

    private static string? Play(ReadOnlySpan<byte> input, bool isWelcomed)
    {
        byte[] said = input.ToArray();
        return Task.Run(() => PlayAsync(said, isWelcomed)).GetAwaiter().GetResult();
    }

    private static async Task<string?> PlayAsync(byte[] said, bool isWelcomed)
    {
        var failures = new FailureLog();
        var server = new ScriptedServer(isTls: false);
        var options = new ChatClientOptions { Name = "ada", LoggerFactory = failures };
        ChatClient? client = null;
        try
        {
            if (isWelcomed)
            {
                client = await server.WelcomeAsync(options);
                await server.JoinAsync(client, others: "bo");
                server.SendBytes(said);
                server.Cut();
            }
            else
            {
                ValueTask<ChatClient> connecting = server.ConnectAsync(options);
                await server.NextAnyAsync();
                server.SendBytes(said);
                server.Cut();
                client = await connecting;
            }
        }
        catch (ChatException)
        {
            // A client that was not welcomed.
        }

        if (client is not null)
        {
            await client.Completion.WaitAsync(ScriptedServer.Patience);
            await client.DisposeAsync();
        }

        return failures.First;
    }

    private static IEnumerable<byte> GoldenStream() =>
    [
        .. WireFrame.Bytes(new EntryFrame { Kind = EntryKind.Joined, Room = ScriptedServer.Lobby, Sequence = 2, Name = "cy"u8, Body = ScriptedServer.Members(3) }),
        .. WireFrame.Bytes(new EntryFrame { Kind = EntryKind.Message, Room = ScriptedServer.Lobby, Sequence = 3, Name = "cy"u8, Body = "hello"u8 }),
        .. WireFrame.Bytes(new EntryFrame { Kind = EntryKind.Left, Room = ScriptedServer.Lobby, Sequence = 4, Name = "cy"u8, Body = ScriptedServer.Left(2, DisconnectReason.Kicked) }),
        .. WireFrame.Bytes(new EntryFrame { Kind = EntryKind.Direct, Room = 0, Sequence = 1, Name = "bo"u8, Body = "psst"u8 }),
        .. WireFrame.Bytes(new PingFrame { Opaque = 1 }),
        .. WireFrame.Bytes(new GapFrame { Room = ScriptedServer.Lobby, From = 5, To = 9 }),
        .. WireFrame.Bytes(new RosterFrame { Room = ScriptedServer.Lobby, Sequence = 9, Count = 2, Names = [3, .. "ada"u8, 2, .. "bo"u8] }),
        .. WireFrame.Bytes(new EntryFrame { Kind = EntryKind.Members, Room = ScriptedServer.Lobby, Sequence = 10, Body = ScriptedServer.Members(300) }),
        .. WireFrame.Bytes(new PartedFrame { Room = ScriptedServer.Lobby, Code = 1, Name = "lobby"u8, Text = "over"u8 }),
        .. WireFrame.Bytes(new ByeFrame { Code = 2, Text = "stopping"u8 }),
    ];
}
