using System.Net;
using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Whatever a caller sends, it gets its own refusal, and the members of the room lose nothing.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private ChatServer _server = null!;
    private WireClient _ada = null!;
    private uint _lobby;
    private ulong _said;

    public async ValueTask InitializeAsync()
    {
        _server = await ChatServer.StartAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 2 });
        (_ada, _lobby) = await WireClient.JoinAsync(_server.EndPoint, "ada");
    }

    public async ValueTask DisposeAsync()
    {
        // The room went on: what ada says still comes back to her, next in order.
        await AdaTalksAsync();
        _ada.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("\u0001\u0002\u0003")]
    [InlineData("\u007fELF")]
    public async Task Garbage_first_bytes_are_closed_without_a_word(string garbage)
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(garbage);
        Assert.Equal("", await caller.ReadToEndAsync());
    }

    [Fact]
    public async Task A_first_byte_that_is_no_UTF8_is_closed_without_a_word()
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync([0xDE, 0xAD, 0xBE, 0xEF]);
        Assert.Equal("", await caller.ReadToEndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: den\r\n\r\n")]
    [InlineData("POST /chat HTTP/1.0\r\n\r\nhello")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [HostileInput(5, "HTTP in plain text", "SSH in plain text")]
    public async Task A_web_or_ssh_client_gets_one_line_and_publishes_nothing(string hello)
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(hello);
        string answer = await caller.ReadToEndAsync();
        Assert.Contains("LanChat", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Count(c => c == '\n'));
        Assert.Equal(["ada"], _server.GetMembers("lobby"));
    }

    [Fact]
    public async Task A_first_frame_other_than_HELLO_is_a_violation()
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(WireFrame.Join("lobby"));
        await ExpectByeAsync(caller, DisconnectReason.ProtocolViolation);
    }

    [Theory]
    [InlineData("00000000", DisconnectReason.ProtocolViolation)]
    [InlineData("00001001", DisconnectReason.FrameTooLarge)]
    [InlineData("00FFFFFF", DisconnectReason.FrameTooLarge)]
    [HostileInput(1, "frame length 0", "frame length 16 MiB + 1")]
    public async Task Bad_lengths_before_HELLO_are_refused(string hex, DisconnectReason reason)
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(Convert.FromHexString(hex));
        await ExpectByeAsync(caller, reason);
    }

    [Theory]
    [InlineData("00000000", DisconnectReason.ProtocolViolation)]
    [InlineData("7FFFFFFF", DisconnectReason.FrameTooLarge)]
    [InlineData("80000000", DisconnectReason.FrameTooLarge)]
    [InlineData("FFFFFFFF", DisconnectReason.FrameTooLarge)]
    [HostileInput(1)]
    public async Task Bad_lengths_of_a_member_end_it(string hex, DisconnectReason reason)
    {
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync(Convert.FromHexString(hex));
            await ExpectByeAsync(bo, reason);
            await AdaSeesAsync(frame => frame.Entry.Kind == EntryKind.Left);
        }
    }

    [Fact]
    public async Task A_member_cut_inside_a_frame_left_because_its_connection_broke()
    {
        (WireClient bo, uint room) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        await bo.SendAsync(WireFrame.Publish(room, 1, "half")[..9]);
        bo.Dispose();
        WireFrame left = await AdaSeesAsync(frame => frame.Entry.Kind == EntryKind.Left);
        Assert.True(PresenceBody.TryReadLeft(left.Entry.Body, out uint members, out ushort code));
        Assert.Equal(1u, members);
        Assert.Equal((ushort)DisconnectReason.ConnectionReset, code);
    }

    [Fact]
    public async Task Every_malformed_body_is_a_violation()
    {
        foreach (byte type in new byte[] { 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0E, 0x0F, 0x10, 0x02, 0x20, 0x85 })
        {
            (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, $"bo-{type}");
            using (bo)
            {
                await bo.SendAsync([0, 0, 0, 2, type, 0]);
                await ExpectByeAsync(bo, DisconnectReason.ProtocolViolation);
            }
        }
    }

    [Fact]
    public async Task A_skippable_unknown_type_is_skipped()
    {
        (WireClient bo, uint room) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync([0, 0, 0, 3, 0x48, 1, 2, .. WireFrame.Publish(room, 1, "hello")]);
            await bo.UntilAsync(frame => frame.Type == FrameType.Entry && frame.Entry.Id == 1 && frame.Entry.Kind == EntryKind.Message);
        }
    }

    [Theory]
    [InlineData("ada", DisconnectReason.NameInUse)]
    [InlineData("ADA", DisconnectReason.NameInUse)]
    [InlineData("\u0430d\u0430", DisconnectReason.NameInUse)]
    [InlineData("server", DisconnectReason.BadName)]
    [InlineData("two words", DisconnectReason.BadName)]
    [InlineData("\u001b[2J", DisconnectReason.BadName)]
    public async Task Bad_and_duplicate_names_are_refused(string name, DisconnectReason reason)
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(WireFrame.Hello(name));
        await ExpectByeAsync(caller, reason);
    }

    [Fact]
    public async Task Another_version_is_refused_by_its_code()
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync(WireFrame.Bytes(new HelloFrame { Version = 2 }));
        await ExpectByeAsync(caller, DisconnectReason.Version);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_rejected_and_the_member_goes_on()
    {
        (WireClient bo, uint room) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync(WireFrame.Bytes(new PublishFrame { Room = room, Id = 1, Body = [0xC3, 0x28] }));
            Assert.Equal((ushort)DisconnectReason.BadText, (await bo.UntilAsync(f => f.Type == FrameType.Rejected)).Rejected.Code);

            await bo.SendAsync(WireFrame.Publish(room, 2, new string('x', 4097)));
            Assert.Equal((ushort)DisconnectReason.BadText, (await bo.UntilAsync(f => f.Type == FrameType.Rejected)).Rejected.Code);

            await bo.SendAsync(WireFrame.Publish(room, 3, "red \u001b[31m alert\u0007"));
            WireFrame entry = await AdaSeesAsync(f => f.Entry.Kind == EntryKind.Message);
            Assert.Equal("red \uFFFD[31m alert\uFFFD", Encoding.UTF8.GetString(entry.Entry.Body));
        }
    }

    [Fact]
    public async Task Opaque_bodies_are_neither_checked_nor_replaced()
    {
        (WireClient bo, uint room) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync(WireFrame.Bytes(new PublishFrame { Room = room, Id = 1, Flags = PublishFrame.OpaqueFlag, Body = [0, 0xC3, 0x28, 7] }));
            WireFrame entry = await AdaSeesAsync(f => f.Entry.Kind == EntryKind.Message);
            Assert.True(entry.Entry.IsOpaque);
            Assert.Equal([0, 0xC3, 0x28, 7], entry.Entry.Body.ToArray());

            await bo.SendAsync(WireFrame.Bytes(new PublishFrame { Room = room, Id = 2, Flags = 1, Body = "x"u8 }));
            Assert.Equal((ushort)DisconnectReason.UnknownFlag, (await bo.UntilAsync(f => f.Type == FrameType.Rejected)).Rejected.Code);
        }
    }

    [Fact]
    public async Task Publishing_where_one_is_no_member_is_rejected()
    {
        using WireClient caller = await ConnectAsync();
        await caller.SendAsync([.. WireFrame.Hello("bo"), .. WireFrame.Publish(1, 1, "before join"), .. WireFrame.Publish(0, 2, "nowhere"), .. WireFrame.Direct(3, "nobody", "hi")]);
        await caller.ExpectAsync(FrameType.Welcome);
        Assert.Equal(((ulong)1, (ushort)17), IdAndCode(await caller.ExpectAsync(FrameType.Rejected)));
        Assert.Equal(((ulong)2, (ushort)16), IdAndCode(await caller.ExpectAsync(FrameType.Rejected)));
        Assert.Equal(((ulong)3, (ushort)23), IdAndCode(await caller.ExpectAsync(FrameType.Rejected)));
    }

    [Fact]
    public async Task Rooms_with_bad_names_and_second_joins_are_refused_by_PARTED()
    {
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync([.. WireFrame.Join("no such name!"), .. WireFrame.Join("Lobby"), .. WireFrame.Bytes(new LeaveFrame { Room = 99 }), .. WireFrame.Bytes(new WhoFrame { Room = 98 })]);
            (uint Room, ushort Code, string Name)[] parted = new (uint, ushort, string)[4];
            for (int i = 0; i < parted.Length; i++)
            {
                PartedFrame frame = (await bo.UntilAsync(f => f.Type == FrameType.Parted)).Parted;
                parted[i] = (frame.Room, frame.Code, Encoding.UTF8.GetString(frame.Name));
            }

            Assert.Equal([(0, 11, "no such name!"), (0, 26, "Lobby"), (99, 17, ""), (98, 17, "")], parted);
        }
    }

    [Fact]
    public async Task Ids_out_of_order_are_a_violation_and_repeats_get_the_same_answer()
    {
        (WireClient bo, uint room) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync([.. WireFrame.Publish(room, 1, "one"), .. WireFrame.Publish(77, 2, "two")]);
            WireFrame entry = await bo.UntilAsync(f => f.Type == FrameType.Entry && f.Entry.Id == 1);
            await bo.SendAsync([.. WireFrame.Publish(room, 1, "one"), .. WireFrame.Publish(room, 2, "two")]);
            Assert.Equal((1UL, entry.Entry.Sequence), IdAndSequence(await bo.UntilAsync(f => f.Type == FrameType.Ack)));
            Assert.Equal((2UL, (ushort)17), IdAndCode(await bo.UntilAsync(f => f.Type == FrameType.Rejected)));

            await bo.SendAsync(WireFrame.Publish(room, 4, "four"));
            WireFrame bye = await bo.UntilAsync(f => f.Type == FrameType.Bye);
            Assert.Equal((ushort)DisconnectReason.ProtocolViolation, bye.Bye.Code);
        }

        static (ulong, ulong) IdAndSequence(WireFrame frame) => (frame.Ack.Id, frame.Ack.Sequence);
    }

    [Fact]
    public async Task Commands_take_rights_that_nobody_has_yet()
    {
        (WireClient bo, _) = await WireClient.JoinAsync(_server.EndPoint, "bo");
        using (bo)
        {
            await bo.SendAsync(WireFrame.Bytes(new CommandFrame { Id = 1, Verb = "shutdown"u8 }));
            Assert.Equal((1UL, (ushort)19), IdAndCode(await bo.UntilAsync(f => f.Type == FrameType.Rejected)));
        }
    }

    private static (ulong Id, ushort Code) IdAndCode(WireFrame frame) => (frame.Rejected.Id, frame.Rejected.Code);

    private Task<WireClient> ConnectAsync() => WireClient.ConnectAsync(_server.EndPoint);

    private static async Task ExpectByeAsync(WireClient caller, DisconnectReason reason)
    {
        WireFrame bye = await caller.UntilAsync(frame => frame.Type == FrameType.Bye);
        Assert.Equal(reason, (DisconnectReason)bye.Bye.Code);
        Assert.Null(await caller.ReadAsync());
    }

    private Task<WireFrame> AdaSeesAsync(Func<WireFrame, bool> fits) => _ada.UntilAsync(frame => frame.Type == FrameType.Entry && fits(frame));

    private async Task AdaTalksAsync()
    {
        ulong id = ++_said;
        await _ada.SendAsync(WireFrame.Publish(_lobby, id, "still here"));
        await AdaSeesAsync(frame => frame.Entry.Kind == EntryKind.Message && frame.Entry.Id == id && frame.Entry.Name.SequenceEqual("ada"u8));
    }
}
