using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>Frames are never interleaved inside one another, wherever a send is cut: between rooms, mailbox, answers and the last word.</summary>
public abstract class PartialSendTests(bool tls)
{
    [Fact]
    public void A_send_cut_at_any_byte_goes_on_where_it_was_cut()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Say(WireFrame.Join("den"));
        ulong id = 0;
        for (int cut = 0; cut < 150; cut++)
        {
            MemoryCaller bo = JoinBoth(server);
            bo.Client.FromServer.Capacity = cut;
            ada.Say([.. WireFrame.Publish(1, ++id, "in the lobby"), .. WireFrame.Publish(2, ++id, "in the den")]);

            // While it is cut, something comes from everywhere.
            ada.Say([.. WireFrame.Direct(++id, "bo", "psst"), .. WireFrame.Publish(2, ++id, "den again")]);
            bo.Say([.. Callers.Ping(7), .. WireFrame.Publish(9, 1, "nowhere"), .. Callers.Who(2)]);
            bo.Client.FromServer.Capacity = int.MaxValue;
            server.Run();

            List<WireFrame> frames = bo.Frames();
            Assert.Equal(0, bo.UnreadBytes);
            Assert.Equal(["in the lobby"], frames.Texts());
            Assert.Equal(["in the den", "den again"], frames.Texts(room: 2));
            Assert.Equal(["psst"], frames.Texts(EntryKind.Direct, room: 0));
            frames.Only(FrameType.Pong);
            frames.Only(FrameType.Rejected);
            frames.Only(FrameType.Roster);
            Assert.Equal(7, frames.Count);
            GoAway(server, bo);
        }
    }

    [Fact]
    public void News_alone_cut_at_any_byte_goes_on_where_it_was_cut()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        MemoryCaller ada = server.Join("ada");
        ulong id = 0;
        for (int cut = 0; cut < 120; cut++)
        {
            MemoryCaller bo = server.Join("bo");
            ada.Say(WireFrame.Publish(1, ++id, "whole"));
            bo.Frames();
            bo.Client.FromServer.Capacity = cut;
            ada.Say([.. WireFrame.Publish(1, ++id, "one"), .. WireFrame.Publish(1, ++id, "two")]);
            ada.Say(WireFrame.Publish(1, ++id, "three"));
            bo.Client.FromServer.Capacity = int.MaxValue;
            server.Run();
            ada.Say(WireFrame.Publish(1, ++id, "four"));

            Assert.Equal(["one", "two", "three", "four"], bo.Frames().Texts());
            Assert.Equal(0, bo.UnreadBytes);
            GoAway(server, bo);
        }
    }

    [Fact]
    public void A_send_of_which_nothing_was_taken_does_not_forget_where_the_last_was_cut()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        MemoryCaller bo = JoinBoth(server);
        MemoryCaller ada = server.Join("ada");
        bo.Frames();
        bo.Client.FromServer.Capacity = 30;
        ada.Say(WireFrame.Publish(1, 1, "cut in the middle"));

        // The link says that there is room, and when the send comes the room is gone again: ada's next bytes are read in between.
        ada.Client.ToServer.NextPiece = () =>
        {
            bo.Client.FromServer.Capacity = 0;
            return int.MaxValue;
        };
        ada.Client.Write(WireFrame.Publish(1, 2, "next"));
        bo.Client.FromServer.Capacity = 40;
        server.Run();
        ada.Client.ToServer.NextPiece = null;

        bo.Say([.. Callers.Ping(7), .. WireFrame.Publish(9, 1, "nowhere")]);
        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        List<WireFrame> frames = bo.Frames();
        Assert.Equal(["cut in the middle", "next"], frames.Texts());
        Assert.Equal(7u, (uint)frames.Only(FrameType.Pong).Body[^1]);
        Assert.Equal([(1, DisconnectReason.NotAMember)], frames.Rejections());
    }

    [Fact]
    public void The_last_word_comes_after_the_entry_that_was_cut_and_nothing_after_it()
    {
        var server = new MemoryServer(Callers.Patient with { PublishRate = 0 }, tls);
        MemoryCaller ada = server.Join("ada");
        ada.Say(WireFrame.Join("den"));
        ulong id = 0;
        for (int cut = 0; cut < 120; cut++)
        {
            MemoryCaller bo = JoinBoth(server);
            bo.Client.FromServer.Capacity = cut;
            ada.Say([.. WireFrame.Publish(1, ++id, "one"), .. WireFrame.Publish(2, ++id, "two")]);
            bo.Say([0, 0, 0, 0]);
            ada.Say(WireFrame.Publish(1, ++id, "after the end"));
            bo.Client.FromServer.Capacity = int.MaxValue;
            server.Run();

            List<WireFrame> frames = bo.Frames();
            Assert.Equal(0, bo.UnreadBytes);
            Assert.Equal(DisconnectReason.ProtocolViolation, frames.LastWord());
            Assert.Equal(0, frames.Texts().Except(["one"]).Count() + frames.Texts(room: 2).Except(["two"]).Count());

            // What the link had taken a part of is whole; TLS takes all of it.
            Assert.Equal(tls ? 2 : cut == 0 ? 0 : cut <= Callers.EntryBytes("ada", "one") ? 1 : 2, frames.Count - 1);
            GoAway(server, bo);
        }
    }

    [Fact]
    public void An_answer_waits_when_what_was_cut_lies_in_more_pieces_than_one_send_takes()
    {
        var server = new MemoryServer(Callers.Patient with { HistoryAge = TimeSpan.FromSeconds(1) }, tls);
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = JoinBoth(server);
        bo.Client.FromServer.Capacity = 30;

        // In a room as quiet as this each message begins a new piece of the log.
        string[] texts = [.. Enumerable.Range(0, 2 * server.Host.Loops[0].Loop.Pieces.Length).Select(i => $"message {i}")];
        for (int i = 0; i < texts.Length; i++)
        {
            ada.Say(WireFrame.Publish(1, (ulong)(i + 1), texts[i]));
            server.Advance(TimeSpan.FromSeconds(3));
        }

        bo.Say(Callers.Ping(7));
        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        List<WireFrame> frames = bo.Frames();
        Assert.Equal(texts, frames.Texts());
        frames.Only(FrameType.Pong);
    }

    [Fact]
    public void In_any_pieces_each_room_is_whole_and_in_order()
    {
        int runs = TestLength.IsLong ? 3_000 : 100;
        for (int seed = 1; seed <= runs; seed++)
        {
            Run(TestLength.Seed(seed), tls);
        }
    }

    private static void Run(int seed, bool tls)
    {
        var random = new Random(seed);
        var server = new MemoryServer(Callers.Patient with { Loops = 1 + (seed % 2), PublishRate = 0, ControlRate = 1_000 }, tls);
        MemoryCaller[] talkers = [server.Join("ada"), server.Join("cy")];
        MemoryCaller bo = server.Connect(deferBytes: seed % 3 == 0 ? 50 : 0);
        bo.Client.FromServer.NextPiece = Pieces.Random(seed, 200);
        bo.Client.FromServer.Capacity = 64;
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", 10), .. WireFrame.Join("den", 10), .. WireFrame.Join("attic", 10)]);
        foreach (MemoryCaller talker in talkers)
        {
            talker.Say([.. WireFrame.Join("den"), .. WireFrame.Join("attic")]);
        }

        var got = new List<WireFrame>();
        ulong[] ids = new ulong[3];
        var said = new Dictionary<uint, int> { [0] = 0, [1] = 0, [2] = 0, [3] = 0 };
        int answers = 0;
        for (int step = 0; step < 120; step++)
        {
            int who = random.Next(talkers.Length);
            uint room = (uint)random.Next(4);
            string text = new('x', random.Next(200));
            switch (random.Next(6))
            {
                case < 3:
                    talkers[who].Say(room == 0 ? WireFrame.Direct(++ids[who], "bo", text) : WireFrame.Publish(room, ++ids[who], text));
                    said[room]++;
                    break;
                case 3:
                    bo.Say([.. Callers.Ping((ulong)step), .. WireFrame.Publish(77, ++ids[2], text)]);
                    answers += 2;
                    break;
                case 4:
                    bo.Client.FromServer.Capacity = random.Next(300);
                    server.Run();
                    break;
                default:
                    got.AddRange(bo.Frames());
                    break;
            }
        }

        bo.Client.FromServer.Capacity = int.MaxValue;
        server.Run();
        got.AddRange(bo.Frames());
        Assert.True(bo.UnreadBytes == 0, $"Seed {seed}: {bo.UnreadBytes} bytes of a frame are left.");
        foreach ((uint room, int count) in said)
        {
            int texts = got.Texts(room == 0 ? EntryKind.Direct : EntryKind.Message, room).Length;
            ulong[] sequences = got.Sequences(room);
            Assert.True(texts == count, $"Seed {seed}: {count} messages in room {room}, {texts} arrived.");
            for (int i = 1; i < sequences.Length; i++)
            {
                Assert.True(sequences[i] == sequences[i - 1] + 1, $"Seed {seed}: {sequences[i]} after {sequences[i - 1]} in room {room}.");
            }
        }

        Assert.Equal(answers, got.Count(frame => frame.Type is FrameType.Pong or FrameType.Rejected));
    }

    private static MemoryCaller JoinBoth(MemoryServer server)
    {
        MemoryCaller bo = server.Join("bo");
        bo.Say(WireFrame.Join("den"));
        bo.Frames();
        return bo;
    }

    private static void GoAway(MemoryServer server, MemoryCaller caller)
    {
        caller.Client.Reset();
        server.Run();
    }
}

/// <inheritdoc/>
public sealed class PartialSendOverPlainTests() : PartialSendTests(tls: false);

/// <inheritdoc/>
public sealed class PartialSendOverTlsTests() : PartialSendTests(tls: true);
