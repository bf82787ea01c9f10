using System.Globalization;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>Messages to a room and to one member, by both ways, while rooms are left and joined again, connections break and the app takes its time: each is said once, or refused and never said.</summary>
public sealed class MixedWaysTests
{
    private const int Talkers = 3;

    private static readonly int Steps = TestLength.Size("LANCHAT_DATAGRAM_STEPS", usual: 80, longer: 1_000);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Each_message_is_said_once_or_refused_and_never_said(bool isDecidedOn, bool isCut)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        int seed = TestLength.Seed(2);
        TestContext.Current.TestOutputHelper?.WriteLine($"LANCHAT_TEST_SEED={seed}");
        FakeTimeProvider? time = null;
        await using var world = new DatagramWorld(seed, isDecidedOn ? DecideAsync : null);
        time = world.Server.Time;
        world.Network.Copies = 2;
        world.Network.MaxDelay = TimeSpan.FromMilliseconds(400);
        world.Network.LossToServer = world.Network.LossToClients = 0.4;
        var random = new Random(seed);
        ChatClient bo = await world.ConnectAsync("bo");
        ChatRoom lobby = await world.DriveAsync(bo.JoinAsync("lobby", stop).AsTask());
        Task<List<MessageReceived>> heard = HearAsync(lobby);
        var mail = new List<string>();
        Task reading = ReadMailAsync(bo, mail);
        var talkers = new List<(string Name, ChatClient Client, ChatRoom Room)>();
        for (int i = 0; i < Talkers; i++)
        {
            ChatClient client = await world.ConnectAsync($"talker-{i}");
            talkers.Add(($"talker-{i}", client, await world.DriveAsync(client.JoinAsync("lobby", stop).AsTask())));
        }

        var said = new List<(string Text, Task<SendResult> Result)>();
        var written = new List<(string Text, Task<SendResult> Result)>();
        for (int step = 0; step < Steps; step++)
        {
            int who = random.Next(Talkers);
            (string name, ChatClient client, ChatRoom room) = talkers[who];
            MessageTransport transport = random.Next(4) == 0 ? MessageTransport.Tcp : MessageTransport.Udp;
            string text = $"{who}-{step}";
            Task<SendResult>? sent = null;
            switch (random.Next(10))
            {
                case 0:
                    Task leaving = room.LeaveAsync(stop).AsTask();
                    if (random.Next(2) == 0)
                    {
                        await world.DriveAsync(leaving);
                    }

                    talkers[who] = (name, client, await world.DriveAsync(client.JoinAsync("lobby", stop).AsTask()));
                    break;
                case 1 when isCut:
                    world.Cut(name);
                    break;
                case 2:
                    written.Add((text, sent = client.SendDirectAsync("bo", text, transport, stop).AsTask()));
                    break;
                default:
                    said.Add((text, sent = room.SendAsync(text, transport, stop).AsTask()));
                    break;
            }

            if (sent is not null && random.Next(3) == 0)
            {
                await world.DriveAsync(sent);
            }
        }

        await world.DriveAsync(Task.WhenAll(said.Concat(written).Select(send => send.Result)).WaitAsync(Patience, stop));
        await world.DriveAsync(lobby.SendAsync("the end", stop).AsTask());
        List<MessageReceived> all = await world.DriveAsync(heard.WaitAsync(Patience, stop));
        await world.DriveAsync(bo.StopAsync(stop).AsTask());
        await world.DriveAsync(reading);

        Assert.All(said.Concat(written), send => Assert.True(send.Result.Result.Outcome != SendOutcome.Unknown, $"{send.Text}: {send.Result.Result}\n{world.Ends}"));
        Assert.Equal(
            said.Where(send => send.Result.Result.IsAccepted).Select(send => (send.Text, send.Result.Result.Sequence)).Order(),
            all.SkipLast(1).Select(message => (message.Text, message.Sequence)).Order());
        Assert.Equal(written.Where(send => send.Result.Result.IsAccepted).Select(send => send.Text).Order(), mail.Order());
        for (int i = 0; i < Talkers; i++)
        {
            // And each talker's own in the order in which they were sent.
            int[] steps = [.. all.SkipLast(1).Select(message => message.Text.Split('-')).Where(parts => parts[0] == $"{i}").Select(parts => int.Parse(parts[1], CultureInfo.InvariantCulture))];
            Assert.Equal(steps.Order(), steps);
        }

        async ValueTask<PublishDecision> DecideAsync(PublishRequest request, CancellationToken ended)
        {
            int kind = Math.Abs(request.Text.Length + request.Body.Length) % 3;
            if (kind > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(kind * 400), time!, ended);
            }

            return request.Text.EndsWith('7') ? PublishDecision.Reject() : PublishDecision.Accept();
        }
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

    private static async Task ReadMailAsync(ChatClient client, List<string> mail)
    {
        await foreach (RoomEvent e in client.ReadDirectAsync())
        {
            if (e is DirectReceived direct)
            {
                mail.Add(direct.Text);
            }
        }
    }
}
