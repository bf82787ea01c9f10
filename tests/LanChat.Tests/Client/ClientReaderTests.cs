using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientReaderTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task A_reader_is_subscribed_when_the_call_returns()
    {
        ChatRoom room = await JoinedAsync(16);
        IAsyncEnumerable<RoomEvent> first = room.ReadAllAsync();
        IAsyncEnumerable<RoomEvent> second = room.ReadAllAsync();
        Messages(2, 3);

        Assert.Equal([1, 2, 3], Sequences(await first.TakeAsync(3)));
        Assert.Equal([2, 3], Sequences(await second.TakeAsync(2)));
    }

    [Fact]
    public async Task Until_somebody_reads_the_newest_are_kept_and_a_gap_in_front_says_so()
    {
        ChatRoom room = await JoinedAsync(4);
        Messages(2, 10);
        await _server.ActedAsync();

        List<RoomEvent> events = await room.ReadAllAsync().TakeAsync(5);
        Assert.Equal((1, 6), Range(events[0]));
        Assert.Equal([7, 8, 9, 10], Sequences(events.Skip(1)));
    }

    [Fact]
    public async Task After_the_first_reader_has_gone_nothing_is_kept()
    {
        ChatRoom room = await JoinedAsync(4);
        Assert.Single(await room.ReadAllAsync().TakeAsync(1));
        Messages(2, 10);
        await _server.ActedAsync();
        IAsyncEnumerable<RoomEvent> later = room.ReadAllAsync();
        Messages(11, 12);

        Assert.Equal([11, 12], Sequences(await later.TakeAsync(2)));
    }

    [Fact]
    public async Task A_full_reader_stops_the_reading_and_nothing_is_lost()
    {
        ChatRoom room = await JoinedAsync(4);
        await using IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator();
        Messages(2, 40);
        Assert.True(_server.IsUnread);

        for (long sequence = 1; sequence <= 40; sequence++)
        {
            Assert.Equal(sequence, (await reader.NextAsync()).Sequence);
        }

        await _server.ActedAsync();
    }

    [Fact]
    public async Task One_full_reader_holds_up_the_others_too()
    {
        ChatRoom room = await JoinedAsync(4);
        IAsyncEnumerable<RoomEvent> slow = room.ReadAllAsync();
        await using IAsyncEnumerator<RoomEvent> fast = room.ReadAllAsync().GetAsyncEnumerator();
        Messages(2, 12);
        for (long sequence = 2; sequence <= 4; sequence++)
        {
            Assert.Equal(sequence, (await fast.NextAsync()).Sequence);
        }

        Assert.True(_server.IsUnread);
        Task<List<RoomEvent>> taking = slow.TakeAsync(12);
        for (long sequence = 5; sequence <= 12; sequence++)
        {
            Assert.Equal(sequence, (await fast.NextAsync()).Sequence);
        }

        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), Sequences(await taking));
    }

    [Fact]
    public async Task A_send_inside_the_reading_loop_has_its_outcome_though_the_reader_is_full()
    {
        ChatRoom room = await JoinedAsync(4);
        await using IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator();
        await reader.NextAsync();
        Messages(2, 20);
        Assert.True(_server.IsUnread);

        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        Assert.Equal(1ul, (await _server.NextAsync())!.Publish.Id);
        Messages(21, 60);
        _server.SendMessage(61, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 61), await sending.Soon());

        // Nothing is open any more: it has stopped reading again, and what was passed over is one gap.
        Messages(62, 80);
        Assert.True(_server.IsUnread);
        Assert.Equal([2, 3, 4, 5], await NextSequencesAsync(reader, 4));
        (long from, long to) = Range(await reader.NextAsync());
        Assert.Equal(6, from);
        Assert.True(to >= 61, $"The gap ended at {to}.");
        for (long sequence = to + 1; sequence <= 80; sequence++)
        {
            Assert.Equal(sequence, (await reader.NextAsync()).Sequence);
        }

        await _server.ActedAsync();
    }

    [Fact]
    public async Task A_loop_that_answers_every_message_never_stands_still()
    {
        const int Count = 300;
        ChatRoom room = await JoinedAsync(1);
        Task serving = ServeAsync();
        long seen = 0;
        long missed = 0;
        int accepted = 0;
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            seen += e is Gap ? 0 : 1;
            missed += e is Gap gap ? gap.To - gap.From + 1 : 0;
            if (accepted < Count && (await room.SendAsync("and I say").Soon()).IsAccepted && ++accepted == Count)
            {
                break;
            }
        }

        await serving.Soon();
        Assert.Equal(Count, accepted);
        Assert.True(seen > 0 && seen + missed <= 1 + (2 * Count));

        async Task ServeAsync()
        {
            ulong sequence = 1;
            for (int i = 0; i < Count; i++)
            {
                ulong id = (await _server.NextAsync())!.Publish.Id;
                _server.SendMessage(++sequence, "bo", "I say");
                _server.SendMessage(++sequence, "ada", "and I say", id);
            }
        }
    }

    [Fact]
    public async Task A_join_inside_the_reading_loop_is_answered_though_the_reader_is_full()
    {
        var server = new ScriptedServer(isTls);
        ChatClient client = await server.WelcomeAsync(new ChatClientOptions { Name = "ada", MaxBufferedEvents = 2 });
        ChatRoom room = await server.JoinAsync(client);
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        for (ulong sequence = 2; sequence <= 9; sequence++)
        {
            server.SendMessage(sequence, "bo", "hi");
        }

        Assert.True(server.IsUnread);
        ChatRoom den = await server.JoinAsync(client, "den", number: 2);
        Task leaving = den.LeaveAsync().AsTask();
        Assert.Equal(2u, (await server.NextAsync())!.Leave);
        server.Send(new PartedFrame { Room = 2, Code = 1, Name = "den"u8 });

        await leaving.Soon();
        Assert.Equal([1, 2], Sequences(await events.TakeAsync(2)));
    }

    [Fact]
    public async Task A_reader_that_goes_holds_nothing_up()
    {
        ChatRoom room = await JoinedAsync(2);
        using var cancel = new CancellationTokenSource();
        IAsyncEnumerable<RoomEvent> never = room.ReadAllAsync(cancel.Token);
        await using (IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator())
        {
            Messages(2, 20);
            await reader.NextAsync();
            Assert.True(_server.IsUnread);
        }

        Assert.True(_server.IsUnread, "The one that was never enumerated is full as well.");
        await cancel.CancelAsync();
        await _server.ActedAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never.TakeAsync(1));
    }

    [Fact]
    public async Task Cancelling_ends_a_reader_that_waits()
    {
        ChatRoom room = await JoinedAsync(4);
        using var cancel = new CancellationTokenSource();
        await using IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator(cancel.Token);
        await reader.NextAsync();
        Task<bool> waiting = reader.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        Messages(2, 50);
        await _server.ActedAsync();
    }

    [Fact]
    public async Task At_the_end_a_reader_gets_what_it_holds_and_then_its_end()
    {
        ChatRoom room = await JoinedAsync(8);
        IAsyncEnumerable<RoomEvent> events = room.ReadAllAsync();
        Messages(2, 3);
        _server.Cut();
        await room.Completion.Soon();

        Assert.Equal([1, 2, 3], Sequences(await events.TakeAsync(99)));
        Assert.Empty(await room.ReadAllAsync().TakeAsync(99));
    }

    [Fact]
    public async Task A_first_reader_after_the_end_gets_what_was_kept()
    {
        ChatRoom room = await JoinedAsync(2);
        Messages(2, 5);
        _server.Cut();
        await room.Completion.Soon();

        List<RoomEvent> events = await room.ReadAllAsync().TakeAsync(99);
        Assert.Equal((1, 3), Range(events[0]));
        Assert.Equal([4, 5], Sequences(events.Skip(1)));
    }

    [Fact]
    public async Task A_gap_of_the_server_and_one_of_the_reader_become_one()
    {
        ChatRoom room = await JoinedAsync(1);
        await using IAsyncEnumerator<RoomEvent> reader = room.ReadAllAsync().GetAsyncEnumerator();
        Task<SendResult> sending = room.SendAsync("hello").AsTask();
        await _server.NextAsync();
        Messages(2, 4);
        _server.Send(new GapFrame { Room = 1, From = 5, To = 9 });
        _server.SendRoster(1, 9, "ada");
        Messages(10, 11);
        _server.Send(new AckFrame { Id = 1, Sequence = 6 });
        Assert.Equal(6, (await sending.Soon()).Sequence);
        Assert.Equal(1, (await reader.NextAsync()).Sequence);
        Assert.Equal((2, 11), Range(await reader.NextAsync()));
        Messages(12, 12);

        Assert.Equal(12, (await reader.NextAsync()).Sequence);
    }

    private static (long From, long To) Range(RoomEvent e) => ((Gap)e).From is var from ? (from, ((Gap)e).To) : default;

    private static IEnumerable<long> Sequences(IEnumerable<RoomEvent> events) => events.Select(e => e.Sequence);

    private static async Task<List<long>> NextSequencesAsync(IAsyncEnumerator<RoomEvent> reader, int count)
    {
        var sequences = new List<long>();
        while (sequences.Count < count)
        {
            sequences.Add((await reader.NextAsync()).Sequence);
        }

        return sequences;
    }

    private void Messages(ulong from, ulong to)
    {
        for (ulong sequence = from; sequence <= to; sequence++)
        {
            _server.SendMessage(sequence, "bo", "hi");
        }
    }

    private async Task<ChatRoom> JoinedAsync(int maxBufferedEvents) =>
        await _server.JoinAsync(await _server.WelcomeAsync(new ChatClientOptions { Name = "ada", MaxBufferedEvents = maxBufferedEvents }));
}
