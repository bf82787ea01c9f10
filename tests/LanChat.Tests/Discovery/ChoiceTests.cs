using System.Net;
using LanChat.Discovery;
using Xunit;

namespace LanChat.Tests.Discovery;

/// <summary>Which server is chosen for the user, which is not, and how long a search takes; in memory and fake time.</summary>
public sealed class ChoiceTests : IDisposable
{
    private readonly LanFixture _lan = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void The_only_server_is_chosen_if_its_name_is_its_own()
    {
        Assert.True(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.New)], out _));
        Assert.True(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.Known)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("Den", DiscoveredTrust.NameClash)], out _));
        Assert.False(ServerBrowser.TryChoose([], out _));
    }

    [Fact]
    public void The_only_known_server_is_chosen_among_strangers_and_nobody_among_several_known()
    {
        DiscoveredServer known = Server("Den", DiscoveredTrust.Known);

        Assert.Same(known, ServerBrowser.Choose([Server("Den", DiscoveredTrust.NameClash), Server("A", DiscoveredTrust.New), known]));
        Assert.False(ServerBrowser.TryChoose([known, Server("Attic", DiscoveredTrust.Known)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("A", DiscoveredTrust.New), Server("B", DiscoveredTrust.New)], out _));
        Assert.False(ServerBrowser.TryChoose([Server("A", DiscoveredTrust.New), Server("B", DiscoveredTrust.NameClash)], out _));
    }

    [Fact]
    public void Several_servers_are_listed_in_the_error()
    {
        DiscoveredServer[] servers = [.. Enumerable.Range(0, 20).Select(i => Server($"server{i}", DiscoveredTrust.New))];
        ChatException several = Assert.Throws<ChatException>(() => ServerBrowser.Choose(servers));

        Assert.Contains($"server0  192.0.2.7:9090  {servers[0].Id.Fingerprint}  new", several.Message, StringComparison.Ordinal);
        Assert.Contains("and 4 more", several.Message, StringComparison.Ordinal);
        Assert.Contains("--server", several.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_ends_300_ms_after_the_first_answer()
    {
        _lan.StartServer("Den");
        _lan.StartServer("Attic");
        Task<IReadOnlyList<DiscoveredServer>> search = Search(options => options);
        await UntilFoundAsync(search, least: 0.3, most: 0.302);

        Assert.Equal(["Attic", "Den"], (await search).Select(server => server.Name));
    }

    [Fact]
    public async Task A_search_ends_at_once_when_the_only_known_server_answers()
    {
        ServerIdentity known = _lan.NewIdentity();
        _lan.StartServer("Den", identity: known);
        _lan.StartServer("Attic");
        Task<IReadOnlyList<DiscoveredServer>> search = Search(options => options with { Known = [(known.Id, "Den")] });
        await UntilFoundAsync(search, least: 0, most: 0.002);

        Assert.Equal(known.Id, (await search)[0].Id);
    }

    [Fact]
    public async Task A_search_for_nobody_ends_at_its_timeout()
    {
        Task<IReadOnlyList<DiscoveredServer>> search = Search(options => options);
        await UntilFoundAsync(search, least: 3, most: 3);

        Assert.Empty(await search);
        Assert.Equal(0, _lan.Time.TimerCount);
    }

    [Fact]
    public async Task A_search_with_a_window_takes_the_window()
    {
        _lan.StartServer("Den");
        Task<IReadOnlyList<DiscoveredServer>> search = Search(options => options, TimeSpan.FromSeconds(10));
        await UntilFoundAsync(search, least: 10, most: 10);

        Assert.Single(await search);
    }

    private Task<IReadOnlyList<DiscoveredServer>> Search(Func<ServerBrowserOptions, ServerBrowserOptions> change, TimeSpan? window = null) =>
        ServerBrowser.SearchAsync(window, change(new ServerBrowserOptions { TimeProvider = _lan.Time }), _lan.NewHost(), CancellationToken.None);

    // The search goes on from a wait on other threads: fake time must not run ahead of it. It has all the real time it needs, at each step.
    private async Task UntilFoundAsync(Task search, double least, double most)
    {
        double now = 0;
        for (; now + 0.0005 < least; now += 0.0005)
        {
            _lan.Advance(0.0005);
            await Settled();
            Assert.False(search.IsCompleted, $"ended after {now} s");
        }

        for (; now <= most + 0.001 && !search.IsCompleted; now += 0.0005)
        {
            _lan.Advance(0.0005);
            await Settled();
        }

        await search.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static Task Settled() => Task.CompletedTask;

    private static DiscoveredServer Server(string name, DiscoveredTrust trust)
    {
        byte[] id = new byte[ServerId.Bytes];
        Random.Shared.NextBytes(id);
        return new DiscoveredServer { Id = new ServerId(id), Name = name, Trust = trust, EndPoints = [IPEndPoint.Parse("192.0.2.7:9090")] };
    }
}
