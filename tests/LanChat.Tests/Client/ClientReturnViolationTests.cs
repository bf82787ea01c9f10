using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>What a server says to a client that comes back has to fit what the client knows; nothing of it is taken on trust.</summary>
public abstract class ClientReturnViolationTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    public static TheoryData<string> Lies => [.. LyingWelcomes.Keys, .. LyingJoins.Keys];

    private static Dictionary<string, Action<ScriptedServer>> LyingWelcomes { get; } = new()
    {
        ["another session"] = server => server.SendWelcome(session: 6, resumed: true, lastId: 2),
        ["an id that was not sent"] = server => server.SendWelcome(resumed: true, lastId: 3),
        ["an id with an outcome forgotten"] = server => server.SendWelcome(resumed: true, lastId: 0),
        ["ids in a new session"] = server => server.SendWelcome(session: 6, lastId: 1),
        ["a mailbox that ends before it begins"] = server => server.SendWelcome(resumed: true, lastId: 2, mailbox: (9, JoinOutcome.Gap, 7, 3)),
        ["a mailbox that starts too late"] = server => server.SendWelcome(resumed: true, lastId: 2, mailbox: (9, JoinOutcome.Recovered, 2, 3)),
        ["a mailbox with a gap of nothing"] = server => server.SendWelcome(resumed: true, lastId: 2, mailbox: (9, JoinOutcome.Gap, 1, 3)),
    };

    private static Dictionary<string, Action<ScriptedServer>> LyingJoins { get; } = new()
    {
        ["fresh"] = server => server.SendJoined("lobby", 1, 3, 3, 1),
        ["recovered, not at the place"] = server => server.SendJoined("lobby", 1, 4, 4, 1, outcome: JoinOutcome.Recovered),
        ["recovered, in another epoch"] = server => server.SendJoined("lobby", 1, 3, 4, 1, outcome: JoinOutcome.Recovered, epoch: 78),
        ["a gap of nothing"] = server => server.SendJoined("lobby", 1, 3, 4, 1, outcome: JoinOutcome.Gap),
        ["a gap in another epoch"] = server => server.SendJoined("lobby", 1, 4, 4, 1, outcome: JoinOutcome.Gap, epoch: 78),
        ["a reset in the same epoch"] = server => server.SendJoined("lobby", 1, 3, 4, 1, outcome: JoinOutcome.Reset),
        ["no such outcome"] = server => server.SendJoined("lobby", 1, 3, 3, 1, outcome: (JoinOutcome)4),
        ["no epoch"] = server => server.SendJoined("lobby", 1, 3, 3, 1, outcome: JoinOutcome.Reset, epoch: 0),
        ["a room that was not asked for"] = server => server.SendJoined("den", 1, 1, 1, 1),
    };

    [Theory, MemberData(nameof(Lies))]
    public async Task A_server_that_says_what_cannot_be_on_coming_back_is_left_for_good(string lie)
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        ChatRoom lobby = await first.JoinAsync(client);
        Task<SendResult> done = lobby.SendAsync("one").AsTask();
        Task<SendResult> open = lobby.SendAsync("two").AsTask();
        await first.NextAsync();
        first.SendMessage(2, "ada", "one", 1);
        Assert.True((await done.Soon()).IsAccepted);
        first.Cut();
        (ScriptedServer second, _) = await _servers.ReturnAsync();
        if (LyingWelcomes.TryGetValue(lie, out Action<ScriptedServer>? welcome))
        {
            welcome(second);
        }
        else
        {
            second.SendWelcome(resumed: true, lastId: 2, mailbox: (9, JoinOutcome.Recovered, 1, 0));
            LyingJoins[lie](second);
        }

        second.Cut();
        Assert.Equal(DisconnectReason.ProtocolViolation, await client.Completion.Soon());
        Assert.Equal(SendResult.Unknown(2, DisconnectReason.ProtocolViolation), await open.Soon());
        Assert.Equal(0, _servers.Time.TimerCount);
    }
}
