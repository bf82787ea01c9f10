using System.Diagnostics.CodeAnalysis;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What JOIN answers to a client that was here before, to the entry: docs/protocol.md, section 3, "coming back".</summary>
public abstract class JoinOutcomeTests
{
    // ada's joined is entry 1, her messages 2 to 6; whoever joins next is entry 7.
    private const ulong Newest = 7;

    private readonly bool _tls;
    private MemoryServer _server;
    private ulong _epoch;

    protected JoinOutcomeTests(bool tls)
    {
        _tls = tls;
        Start(Callers.Patient);
    }

    [MemberNotNull(nameof(_server))]
    private void Start(ChatServerOptions options)
    {
        _server = new MemoryServer(options, _tls);
        MemoryCaller ada = _server.Join("ada");
        for (ulong id = 1; id <= 5; id++)
        {
            ada.Say(WireFrame.Publish(1, id, $"message {id}"));
        }

        _epoch = ada.Frames().Only(FrameType.Joined).Joined.Epoch;
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 7)]
    [InlineData(3, 5)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(65535, 1)]
    public void A_first_visit_gets_as_much_history_as_it_asks_for(int replay, ulong first) =>
        Expect(JoinOutcome.Fresh, first, Join(replay, epoch: 0, after: 0));

    [Fact]
    public void After_counts_for_nothing_on_a_first_visit() => Expect(JoinOutcome.Fresh, 8, Join(replay: 0, epoch: 0, after: 3));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public void Who_missed_nothing_that_is_gone_recovers_and_replay_is_ignored(ulong after) =>
        Expect(JoinOutcome.Recovered, after + 1, Join(replay: 2, _epoch, after));

    [Theory]
    [InlineData(8)]
    [InlineData(ulong.MaxValue)]
    public void Who_knows_more_than_there_is_starts_afresh(ulong after) => Expect(JoinOutcome.Reset, 6, Join(replay: 2, _epoch, after));

    [Fact]
    public void Who_knows_another_epoch_starts_afresh() => Expect(JoinOutcome.Reset, 6, Join(replay: 2, _epoch + 1, after: 3));

    [Theory]
    [InlineData(0, JoinOutcome.Gap, 4)]
    [InlineData(2, JoinOutcome.Gap, 4)]
    [InlineData(3, JoinOutcome.Recovered, 4)]
    [InlineData(4, JoinOutcome.Recovered, 5)]
    public void Who_missed_what_is_gone_is_told_so_exactly(ulong after, object outcome, ulong first)
    {
        Start(Callers.Patient with { MaxHistoryEntries = 4 });
        Expect((JoinOutcome)outcome, first, Join(replay: 0, _epoch, after));
    }

    [Fact]
    public void Epochs_of_rooms_differ_and_are_not_0()
    {
        List<WireFrame> den = _server.Join("cy", "den").Frames();
        ulong epoch = den.Only(FrameType.Joined).Joined.Epoch;
        Assert.NotEqual(0UL, epoch);
        Assert.NotEqual(_epoch, epoch);
    }

    private List<WireFrame> Join(int replay, ulong epoch, ulong after)
    {
        MemoryCaller bo = _server.Connect();
        bo.Say([.. WireFrame.Hello("bo"), .. WireFrame.Join("lobby", replay, epoch, after)]);
        bo.Say(WireFrame.Publish(1, 1, "back"));
        return bo.Frames();
    }

    // JOINED, then ROSTER at newest, then every entry from first on, without a hole.
    private void Expect(JoinOutcome outcome, ulong first, List<WireFrame> frames)
    {
        JoinedFrame joined = frames[1].Joined;
        Assert.Equal((outcome, first, Newest, _epoch, 2u), (joined.Outcome, joined.First, joined.Newest, joined.Epoch, joined.Members));
        Assert.Equal(Newest, frames[2].Roster.Sequence);
        Assert.Equal(["ada", "bo"], frames[2].RosterNames());
        ulong[] expected = [.. Enumerable.Range((int)first, (int)(Newest + 2 - first)).Select(sequence => (ulong)sequence)];
        Assert.Equal(expected, frames[3..].Sequences());
        Assert.Equal(expected.Length, frames.Count - 3);
    }
}

/// <inheritdoc/>
public sealed class JoinOutcomeOverPlainTests() : JoinOutcomeTests(tls: false);

/// <inheritdoc/>
public sealed class JoinOutcomeOverTlsTests() : JoinOutcomeTests(tls: true);
