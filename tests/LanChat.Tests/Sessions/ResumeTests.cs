using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Sessions;

/// <summary>A session outlives its connection: who is lost stays a member, and who comes back misses nothing. The new connection is accepted by another loop where there is one.</summary>
public abstract class ResumeTests
{
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly ReturningCaller _bo;

    protected ResumeTests(bool tls, int loops)
    {
        _server = new MemoryServer(Resuming.Options with { Loops = loops }, tls);
        _ada = _server.Join("ada");
        _bo = new ReturningCaller(_server, "bo");
        _ada.Frames();
    }

    [Fact]
    public void Who_loses_the_connection_stays_a_member_and_the_room_is_told()
    {
        _bo.Lose();
        Assert.Equal(["LostContact bo"], _ada.Seen());
        Assert.Equal(["ada", "bo"], _server.Members());
        Assert.Null(_bo.Session.Connection);
        Assert.Equal(1, _server.Context.Detached.Count);
        Assert.Equal(1, _server.Context.ConnectionCount);
    }

    [Fact]
    public void The_name_stays_its_own()
    {
        _bo.Lose();
        MemoryCaller other = _server.Connect();
        other.Say(WireFrame.Hello("BO"));
        Assert.Equal(DisconnectReason.NameInUse, other.Frames().LastWord());
    }

    [Fact]
    public void Who_comes_back_gets_the_session_and_what_was_missed()
    {
        _bo.Caller.Say(WireFrame.Publish(1, 1, "before"));
        _bo.Caller.Frames();
        _bo.Lose();
        _ada.Say(WireFrame.Publish(1, 1, "meanwhile"));
        _ada.Frames();
        List<WireFrame> frames = _bo.Return(_bo.Rejoin());
        WelcomeFrame welcome = frames[0].Welcome;
        Assert.Equal(WelcomeFrame.ResumedFlag, welcome.Flags);
        Assert.Equal((_bo.Id, 1UL, (ushort)DisconnectReason.ConnectionReset), (welcome.Session, welcome.LastId, welcome.LastEnd));
        Assert.Equal(_bo.Token, welcome.Token);
        Assert.Equal("bo", Encoding.UTF8.GetString(welcome.YourName));
        Assert.Equal(30_000u, welcome.ResumeMilliseconds);

        // Missed: its own message, that it was lost, ada's message; and that it is back, which is the newest.
        JoinedFrame joined = frames[1].Joined;
        Assert.Equal((JoinOutcome.Recovered, _bo.Newest + 1, _bo.Newest + 4, 2u), (joined.Outcome, joined.First, joined.Newest, joined.Members));
        Assert.Equal(["ada", "bo"], frames[2].RosterNames());
        Assert.Equal(joined.Newest, frames[2].Roster.Sequence);
        Assert.Equal(["Message bo before", "LostContact bo", "Message ada meanwhile", "Back bo"], frames.Seen());
        Assert.Equal(["Back bo"], _ada.Seen());
        Assert.Equal(["ada", "bo"], _server.Members());
        Assert.Same(_server.Host.Loops[_bo.Session.Home.Number].Loop, _bo.Session.Connection!.Loop);
    }

    [Fact]
    public void Who_is_back_talks_as_before()
    {
        _bo.Lose();
        _bo.Return(_bo.Rejoin());
        _ada.Frames();
        _bo.Caller.Say(WireFrame.Publish(1, 1, "I am back"));
        Assert.Equal(["Message bo I am back"], _bo.Caller.Seen());
        Assert.Equal(["Message bo I am back"], _ada.Seen());
        _bo.Caller.Say(WireFrame.Goodbye());
        Assert.Equal(["Left bo"], _ada.Seen());
        Assert.Equal(1, _server.Context.Sessions.Count);
    }

    [Fact]
    public void The_window_ends_the_session()
    {
        _bo.Lose();
        _server.Advance(29);
        Assert.Equal(["LostContact bo"], _ada.Seen());
        _server.Advance(2);
        Assert.Equal(("bo", 1u, DisconnectReason.ConnectionReset), Assert.Single(_ada.Frames().Entries(EntryKind.Left)).LeftParts());
        Assert.Equal(0, _server.Context.Detached.Count);
        Assert.Equal(["ada"], _server.Members());
        WelcomeFrame welcome = _bo.Return()[0].Welcome;
        Assert.Equal(0, welcome.Flags);
        Assert.NotEqual(_bo.Id, welcome.Session);
        Assert.Equal("bo", Encoding.UTF8.GetString(welcome.YourName));
    }

    [Fact]
    public void Who_came_back_in_time_is_not_ended_by_the_earlier_wait()
    {
        for (int i = 0; i < 5; i++)
        {
            _bo.Lose();
            _server.Advance(20);
            Assert.Equal(WelcomeFrame.ResumedFlag, _bo.Return(_bo.Rejoin())[0].Welcome.Flags);
        }

        _server.Advance(60);
        Assert.Equal(["ada", "bo"], _server.Members());
        Assert.DoesNotContain(_ada.Frames(), frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Left);
    }

    [Fact]
    public void Everything_split_at_every_byte_and_in_one_segment_resumes()
    {
        int length = _bo.Hello().Length + _bo.Rejoin().Length + WireFrame.Publish(1, 1, "x").Length;
        for (int cut = 0; cut <= length; cut++)
        {
            ulong id = (ulong)cut + 1;
            if (cut % 2 == 0)
            {
                _bo.Lose();
            }

            MemoryCaller back = _bo.Connect();
            byte[] all = [.. _bo.Hello(), .. _bo.Rejoin(), .. WireFrame.Publish(1, id, "x")];
            back.Say(all.AsSpan(0, cut));
            back.Say(all.AsSpan(cut));
            List<WireFrame> frames = back.Frames();
            Assert.Equal((WelcomeFrame.ResumedFlag, id - 1), (frames[0].Welcome.Flags, frames[0].Welcome.LastId));
            Assert.Equal(id, frames.Entries(EntryKind.Message)[^1].Entry.Id);
        }

        Assert.Equal(length + 1, _ada.Frames().Texts().Length);
        Assert.Equal(["ada", "bo"], _server.Members());
        _server.Advance(2);
        Assert.Equal(2, _server.Context.ConnectionCount);
    }

    [Fact]
    public void A_window_of_zero_ends_a_session_with_its_connection()
    {
        var server = new MemoryServer(Resuming.Options with { ResumeWindow = TimeSpan.Zero });
        var bo = new ReturningCaller(server, "bo");
        bo.Lose();
        Assert.Equal(0, server.Context.Sessions.Count);
        Assert.Empty(server.Members());
    }
}

/// <inheritdoc/>
public sealed class ResumeOnOneLoopTests() : ResumeTests(tls: false, loops: 1);

/// <inheritdoc/>
public sealed class ResumeOverLoopsTests() : ResumeTests(tls: false, loops: 2);

/// <inheritdoc/>
public sealed class ResumeOverTlsTests() : ResumeTests(tls: true, loops: 2);

/// <summary>What tests of sessions ask again and again.</summary>
internal static class Resuming
{
    internal static ChatServerOptions Options { get; } = Callers.Patient with { ResumeWindow = TimeSpan.FromSeconds(30), PublishRate = 0 };

    /// <summary>Stops the server at once. Its loops are not stepped meanwhile: the stop itself takes their last step.</summary>
    internal static async Task StopAsync(this MemoryServer server)
    {
        Task stop = server.Host.StopAsync(TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                server.Time.Advance(TimeSpan.FromMilliseconds(100));
                return stop.IsCompleted;
            },
            TimeSpan.FromSeconds(20)));
        await stop;
    }

    /// <summary>What the entries say that have arrived, each in a few words.</summary>
    internal static string[] Seen(this MemoryCaller caller) => caller.Frames().Seen();

    internal static string[] Seen(this List<WireFrame> frames) =>
        [.. frames.Where(frame => frame.Type == FrameType.Entry).Select(frame => $"{frame.Entry.Kind} {Encoding.UTF8.GetString(frame.Entry.Name)}{Words(frame.Entry)}")];

    private static string Words(in EntryFrame entry) => entry.Kind is EntryKind.Message or EntryKind.Direct ? $" {Encoding.UTF8.GetString(entry.Body)}" : "";
}
