using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.EndToEnd;

/// <summary>Whoever listens to the LanChat source sees what a client waited for and how it came out.</summary>
public sealed class ActivityTests
{
    [Fact]
    public async Task Finding_connecting_joining_and_sending_are_activities_with_their_outcomes()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        var ended = new ConcurrentQueue<Activity>();
        using var mine = new Activity("this test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "LanChat",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == mine.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                // It hears of those of other tests as well, if they listen too.
                if (activity.TraceId == mine.TraceId)
                {
                    ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        int port = FreePort.Udp();
        var serving = new ChatServerOptions { BindAddress = IPAddress.Loopback, DiscoveryPort = port, Port = 0 };
        var browsing = new ServerBrowserOptions { Port = port, LoopbackOnly = true, KnownServers = KnownServers.InMemory(), FindTimeout = TimeSpan.FromSeconds(30) };
        await using (await ChatServer.StartAsync(serving, stop))
        await using (ChatClient client = await ChatClient.ConnectAsync(await ServerBrowser.FindAsync(browsing, stop), TestClient.Options, stop))
        {
            ChatRoom lobby = await client.JoinAsync("lobby", stop);
            Assert.True((await lobby.SendAsync("hello", stop)).IsAccepted);
            Assert.Equal(DisconnectReason.NoSuchMember, (await client.SendDirectAsync("nobody", "hello?", stop)).Reason);
            Assert.Same(mine, Activity.Current);
        }

        Assert.Equal(
            [
                ("lanchat.client.find", "ok"), ("lanchat.client.connect", "ok"), ("lanchat.client.join", "ok"), ("lanchat.client.send", "ok"), ("lanchat.client.send", "NoSuchMember"),
                ("lanchat.server.stop", null),
            ],
            ended.Select(activity => (activity.OperationName, (string?)activity.GetTagItem("lanchat.outcome"))));
    }
}
