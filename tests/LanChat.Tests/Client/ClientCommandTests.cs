using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>What an operator asks of the server from a client: each has its outcome, like a message.</summary>
public abstract class ClientCommandTests(bool isTls)
{
    private readonly ScriptedServers _servers = new(isTls);

    [Fact]
    public async Task Each_command_says_its_verb_and_argument_and_RESULT_is_its_outcome()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync();
        (Task<SendResult> Task, string Verb, string Argument)[] sent =
        [
            (client.KickAsync("bo").AsTask(), "kick", "bo"),
            (client.BanAsync("bo").AsTask(), "ban", "bo"),
            (client.UnbanAsync("bo").AsTask(), "unban", "bo"),
            (client.NoticeAsync("dinner at eight").AsTask(), "notice", "dinner at eight"),
            (client.ShutdownServerAsync().AsTask(), "shutdown", ""),
        ];
        for (int i = 0; i < sent.Length; i++)
        {
            ulong id = (ulong)i + 1;
            Assert.Equal((id, sent[i].Verb, sent[i].Argument), (await server.NextAsync())!.Command);
            Assert.False(sent[i].Task.IsCompleted);
            server.Send(new ResultFrame { Id = id, Text = i == 1 ? "nobody\nhere\u0007"u8 : default });
            SendResult result = await sent[i].Task.Soon();
            Assert.Equal((SendOutcome.Accepted, (long)id, 0L, i == 1 ? "nobody here\uFFFD" : ""), (result.Outcome, result.Id, result.Sequence, result.Text));
        }

        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync();
        Task<SendResult> kick = client.KickAsync("bo").AsTask();
        await server.NextAsync();
        server.Send(new RejectedFrame { Id = 1, Code = 19, Text = "that takes operator rights"u8 });
        Assert.Equal(SendResult.Rejected(1, DisconnectReason.NotPermitted, "that takes operator rights"), await kick.Soon());
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_cannot_be_sent_is_refused_without_being_sent()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync();
        Assert.Equal(DisconnectReason.BadName, (await client.BanAsync("\uD800")).Reason);
        Assert.Equal(DisconnectReason.NoSuchMember, (await client.KickAsync(new string('x', 256))).Reason);
        Assert.Equal(DisconnectReason.BadText, (await client.NoticeAsync("\uD800")).Reason);
        Assert.Equal(DisconnectReason.BadText, (await client.NoticeAsync(new string('x', 4097))).Reason);
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.KickAsync(""));
        Task<SendResult> unban = client.UnbanAsync("bo").AsTask();
        Assert.Equal((1ul, "unban", "bo"), (await server.NextAsync())!.Command);
        server.Send(new ResultFrame { Id = 1 });
        Assert.True((await unban.Soon()).IsAccepted);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task What_is_open_when_the_connection_is_lost_is_sent_again_under_its_id()
    {
        (ChatClient client, ScriptedServer first) = await _servers.WelcomeAsync();
        Task<SendResult> kick = client.KickAsync("bo").AsTask();
        await first.NextAsync();
        first.Cut();
        ScriptedServer second = await _servers.ResumeAsync(lastId: 1);
        Assert.Equal((1ul, "kick", "bo"), (await second.NextAsync())!.Command);

        // The one that was being carried out, and the answer to the repeat.
        second.Send(new ResultFrame { Id = 1 });
        second.Send(new ResultFrame { Id = 1 });
        Assert.True((await kick.Soon()).IsAccepted);
        Task<SendResult> next = client.NoticeAsync("still here").AsTask();
        Assert.Equal((2ul, "notice", "still here"), (await second.NextAsync())!.Command);
        second.Send(new ResultFrame { Id = 2 });
        Assert.True((await next.Soon()).IsAccepted);
        await client.StopAsync(new CancellationToken(true)).Soon();
    }

    [Fact]
    public async Task A_RESULT_before_the_end_of_the_server_is_the_outcome_of_the_shutdown()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync(_servers.Options with { Reconnect = false });
        Task<SendResult> shutdown = client.ShutdownServerAsync().AsTask();
        await server.NextAsync();
        server.Send(new ResultFrame { Id = 1 });
        server.SendBye(DisconnectReason.ServerStopping);
        server.Cut();
        Assert.True((await shutdown.Soon()).IsAccepted);
        Assert.Equal(DisconnectReason.ServerStopping, await client.Completion.Soon());
    }

    [Fact]
    public async Task A_RESULT_for_a_message_is_a_violation()
    {
        (ChatClient client, ScriptedServer server) = await _servers.WelcomeAsync();
        Task<SendResult> direct = client.SendDirectAsync("bo", "psst").AsTask();
        await server.NextAsync();
        server.Send(new ResultFrame { Id = 1 });
        Assert.Equal(DisconnectReason.ProtocolViolation, (await server.NextAsync())!.Bye);
        server.Cut();
        Assert.Equal(SendOutcome.Unknown, (await direct.Soon()).Outcome);
        await client.Completion.Soon();
    }
}
