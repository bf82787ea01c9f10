using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>Whatever the network does to datagrams: every message is in the room exactly once, its sender is told so, and all see all in one order. Hostile input 27, and 28 where delays are longer than
/// patience.</summary>
public sealed class LossTests
{
    private const int Talkers = 3;

    private static readonly int Messages = TestLength.Size("LANCHAT_DATAGRAM_MESSAGES", usual: 30, longer: 300);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [HostileInput(27)]
    public Task Some_datagrams_are_lost(double loss) => TalkAsync(network => network.LossToServer = network.LossToClients = loss);

    [Fact]
    public Task Each_comes_three_times() => TalkAsync(network => network.Copies = 3);

    [Fact]
    public Task Each_comes_three_times_and_late_and_half_of_them_not_at_all() => TalkAsync(network =>
    {
        network.Copies = 3;
        network.MaxDelay = TimeSpan.FromMilliseconds(400);
        network.LossToServer = network.LossToClients = 0.5;
    });

    [Fact]
    public Task Only_answers_are_lost() => TalkAsync(network => network.LossToClients = 1);

    [Fact]
    [HostileInput(28)]
    public Task Datagrams_come_so_late_that_the_same_id_came_by_TCP_meanwhile() => TalkAsync(network => network.MaxDelay = TimeSpan.FromSeconds(3));

    [Fact]
    public Task The_network_is_blocked_in_mid_session_and_opens_again() => TalkAsync(
        static network => { },
        at: (world, share) => world.Network.LossToServer = share is > 0.3 and < 0.7 ? 1 : 0);

    [Fact]
    public Task Connections_break_while_datagrams_are_under_way() => TalkAsync(
        network => network.MaxDelay = TimeSpan.FromMilliseconds(300),
        at: static (world, share) =>
        {
            int message = (int)Math.Round(share * Messages);
            if (message % 5 == 0)
            {
                world.Cut($"talker-{message % Talkers}");
            }
        });

    // Each talker sends some by TCP and some by UDP, one after the other or several at once.
    private static async Task TalkAsync(Action<DatagramNetwork> worsen, Action<DatagramWorld, double>? at = null)
    {
        int seed = TestLength.Seed(20261121);
        TestContext.Current.TestOutputHelper?.WriteLine($"LANCHAT_TEST_SEED={seed}");
        await using var world = new DatagramWorld(seed);
        worsen(world.Network);
        var talkers = new List<(ChatRoom Room, Task<List<MessageReceived>> Heard, Random Random)>();
        for (int i = 0; i < Talkers; i++)
        {
            ChatClient client = await world.ConnectAsync($"talker-{i}");
            ChatRoom room = await world.DriveAsync(client.JoinAsync("lobby").AsTask());
            talkers.Add((room, HearAsync(room), new Random(seed + i)));
        }

        var sends = new List<(string Text, Task<SendResult> Result)>();
        for (int message = 0; message < Messages; message++)
        {
            at?.Invoke(world, (double)message / Messages);
            for (int i = 0; i < Talkers; i++)
            {
                Random random = talkers[i].Random;
                string text = $"{i}-{message}";
                MessageTransport transport = random.Next(4) == 0 ? MessageTransport.Tcp : MessageTransport.Udp;
                sends.Add((text, talkers[i].Room.SendAsync(text, transport).AsTask()));
                if (random.Next(2) == 0)
                {
                    await world.DriveAsync(sends[^1].Result);
                }
            }
        }

        await world.DriveAsync(Task.WhenAll(sends.Select(send => send.Result)).WaitAsync(Patience));
        await world.DriveAsync(talkers[0].Room.SendAsync("the end").AsTask());
        List<MessageReceived>[] heard = await world.DriveAsync(Task.WhenAll(talkers.Select(talker => talker.Heard)).WaitAsync(Patience));

        Assert.All(sends, send => Assert.True(send.Result.Result.IsAccepted, $"{send.Text}: {send.Result.Result}\n{world.Ends}"));
        (string, long)[] said = [.. heard[0].Select(message => (message.Text, message.Sequence))];
        Assert.Equal(sends.Select(send => (send.Text, send.Result.Result.Sequence)).Order(), said[..^1].Order());
        Assert.Equal(said.OrderBy(message => message.Item2), said);
        Assert.All(heard, list => Assert.Equal(said, list.Select(message => (message.Text, message.Sequence))));
        for (int i = 0; i < Talkers; i++)
        {
            // And each talker's own in the order in which they were sent.
            Assert.Equal(
                Enumerable.Range(0, Messages).Select(message => $"{i}-{message}"),
                said[..^1].Select(message => message.Item1).Where(text => text.StartsWith($"{i}-", StringComparison.Ordinal)));
        }

        Assert.True(world.Network.SentToServer > 0, "Nothing went by UDP.");
    }

    private static async Task<List<MessageReceived>> HearAsync(ChatRoom room)
    {
        var heard = new List<MessageReceived>();
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            if (e is MessageReceived message)
            {
                heard.Add(message);
                if (message.Text == "the end")
                {
                    break;
                }
            }
        }

        return heard;
    }
}
