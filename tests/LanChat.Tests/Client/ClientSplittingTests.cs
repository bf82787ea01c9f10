using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>The network cuts where it likes: between frames, inside them, and for good.</summary>
public abstract class ClientSplittingTests(bool isTls)
{
    private static readonly long[] EverySequence = [1, 2, 3, 4, 5, 6];

    [Fact]
    public async Task A_session_is_the_same_in_pieces_of_any_size()
    {
        for (int pieceBytes = 1; pieceBytes <= 70; pieceBytes++)
        {
            var server = new ScriptedServer(isTls) { PieceBytes = pieceBytes };
            Session session = await PlayAsync(server);

            Assert.Equal((pieceBytes, DisconnectReason.Goodbye), (pieceBytes, session.Reason));
            Assert.Equal(EverySequence, session.Events.Select(e => e.Sequence));
            Assert.Equal("AARAARAA", string.Concat(session.Results.Select(r => r.Outcome.ToString()[0])));
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Cut_at_any_byte_every_id_has_exactly_the_outcome_that_arrived(bool hard)
    {
        var whole = new ScriptedServer(isTls);
        await PlayAsync(whole);
        // A handshake each: over TLS every byte is for the long form. Its signatures vary in length, so the cuts do not fall in the same places each time.
        int step = isTls && !TestLength.IsLong ? 17 : 1;
        for (long cut = 0; cut <= whole.SentBytes; cut += step)
        {
            var server = new ScriptedServer(isTls) { CutAfterBytes = cut, CutsHard = hard };
            Session session = await PlayAsync(server);

            Assert.True(server.ClientStream.IsDisposed);
            Assert.Equal(session.Events.Select((_, i) => i + 1L), session.Events.Select(e => e.Sequence));
            foreach (SendResult result in session.Results)
            {
                Judge(session.Server.Outcomes, result, cut, hard);
            }
        }
    }

    private static void Judge(Dictionary<long, (SendOutcome Outcome, long EndsAt)> outcomes, SendResult result, long cut, bool hard)
    {
        if (result.Id == 0)
        {
            // It was never sent: the connection had ended before.
            Assert.Equal(SendOutcome.Rejected, result.Outcome);
            return;
        }

        bool arrived = outcomes.TryGetValue(result.Id, out (SendOutcome Outcome, long EndsAt) sent) && sent.EndsAt <= cut;
        bool isKnown = result.Outcome != SendOutcome.Unknown;
        Assert.False(isKnown && !arrived, $"Id {result.Id} is {result.Outcome} after {cut} bytes, and no outcome was sent.");
        Assert.True(!isKnown || result.Outcome == sent.Outcome, $"Id {result.Id} is {result.Outcome} after {cut} bytes, and {sent.Outcome} was sent.");

        // A link that breaks takes along what was not read yet; the end of a stream does not.
        Assert.True(isKnown || !arrived || hard, $"Id {result.Id} is Unknown after {cut} bytes, though {sent.Outcome} had arrived.");
    }

    private static async Task<Session> PlayAsync(ScriptedServer server)
    {
        var echo = new ScriptedEcho(server);
        Task serving = echo.RunAsync();
        var results = new List<SendResult>();
        var events = new List<RoomEvent>();
        DisconnectReason reason = default;
        try
        {
            await using ChatClient client = await server.ConnectAsync().Soon();
            ChatRoom room = await client.JoinAsync("lobby").Soon();
            for (int i = 0; i < 2; i++)
            {
                Task<SendResult>[] sends = [room.SendAsync("one").AsTask(), client.SendDirectAsync("ada", "two").AsTask(), room.SendAsync("three").AsTask()];
                results.AddRange(await Task.WhenAll(sends).Soon());
            }

            results.AddRange(await Task.WhenAll(room.SendAsync("seven").AsTask(), room.SendAsync("eight").AsTask()).Soon());
            await room.LeaveAsync().Soon();
            events.AddRange(await room.ReadAllAsync().TakeAsync(int.MaxValue).Soon());
            await client.StopAsync().Soon();
            reason = await client.Completion;
        }
        catch (ChatException)
        {
            // Cut before the welcome, or before the room: there was nothing to send.
        }

        await serving.Soon();
        return new Session(echo, results, events, reason);
    }

    private sealed record Session(ScriptedEcho Server, List<SendResult> Results, List<RoomEvent> Events, DisconnectReason Reason);
}
