using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Applications that do the worst while they are told that the connection was lost: the client comes back all the same, or ends where it was told to.</summary>
/// <remarks><c>LanChat.Tests --filter-class "*StateReaderTroubleTests"</c></remarks>
[Collection("whole process")]
public sealed class StateReaderTroubleTests
{
    private const int Readers = 3;

    public static TheoryData<Trouble> All => [.. Enum.GetValues<Trouble>()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Whatever_a_reader_of_states_does_at_a_loss_the_client_goes_on(Trouble trouble)
    {
        using var unobserved = new UnobservedExceptions();
        await using Den den = await Den.OpenAsync(Den.Options);
        await using var relay = new FaultyRelay(den.EndPoint);
        using var maker = new TroubleMaker(den);
        await using ChatClient victim = await den.ConnectAsync(TestClient.Options with { Name = TroubleMaker.Victim, Reconnect = false });
        ChatRoom atVictim = await victim.JoinAsync("lobby");
        ChatClient odd = await den.ConnectAsync(
            TestClient.Options with { Name = "odd", MaxReconnectDelay = TimeSpan.FromMilliseconds(200), ReconnectTimeout = TimeSpan.FromSeconds(2) }, relay.EndPoint);
        ChatRoom room = await odd.JoinAsync("lobby");
        Assert.True((await room.SendAsync("before")).IsAccepted);

        Task[] readers = [.. Enumerable.Range(0, Readers).Select(_ => odd.ReadStatesAsync())
            .Select(states => Task.Run(() => ReadAsync(states, () => maker.ActAsync(trouble, odd, room))))];
        Assert.Single(relay.Open).Reset();
        if (trouble is Trouble.Stops or Trouble.Disposes or Trouble.KicksItself or Trouble.StopsTheServer)
        {
            // Each of them is an end: at once, or when the server cannot be found any more. Kicked while nobody was there to be told, it comes back as somebody new.
            if (trouble != Trouble.KicksItself)
            {
                await odd.Completion.WaitAsync(Den.Patience);
                Assert.Equal(ChatState.Ended, odd.State);
            }
        }
        else
        {
            Den.Until(() => odd.State == ChatState.Connected, "it is back");
            SendResult sent = trouble == Trouble.Leaves ? await odd.SendDirectAsync(TroubleMaker.Victim, "after") : await room.SendAsync("after").AsTask().WaitAsync(Den.Patience);
            Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason} {sent.Text}");
        }

        if (trouble is not (Trouble.StopsTheServer or Trouble.KicksAnother))
        {
            Assert.True((await atVictim.SendAsync("I am still here").AsTask().WaitAsync(Den.Patience)).IsAccepted);
        }

        await odd.DisposeAsync().AsTask().WaitAsync(Den.Patience);
        maker.Release();
        foreach (Task reader in readers)
        {
            if (trouble == Trouble.Throws)
            {
                await Assert.ThrowsAsync<InvalidDataException>(() => reader.WaitAsync(Den.Patience));
            }
            else
            {
                await reader.WaitAsync(Den.Patience);
            }
        }

        Assert.Empty(unobserved.Found);
    }

    private static async Task ReadAsync(IAsyncEnumerable<ChatStateChange> states, Func<Task> act)
    {
        bool isFirst = true;
        await foreach (ChatStateChange change in states)
        {
            if (isFirst && change.State == ChatState.Reconnecting)
            {
                isFirst = false;
                await act();
            }
        }
    }
}
