using LanChat.Connections;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What a member costs who says nothing and gets nothing: the server's objects for its connection, session and membership.</summary>
[Collection("whole process")]
public sealed class IdleMemberTests
{
    // Lists and heaps that double are full with it, so that no unused half of them is counted.
    private const int Members = 4096;

    // An idle member is to cost the process at most 1 KiB where the link is a bare descriptor. Of that the descriptor's link takes 72 bytes, which here is the test's own; and what a
    // runtime rounds up (tables that grow by primes, a new version of it) has some room.
    private const int MaxBytes = 900;

    [Fact]
    public void An_idle_member_costs_less_than_a_kilobyte()
    {
        ReplayLink[] links = [.. Enumerable.Range(0, Members).Select(_ => new ReplayLink())];
        byte[] first = [.. WireFrame.Hello(""), .. WireFrame.Join("lobby")];
        ServerHost host = MakeHost();

        // What the first ones bring about is made once, not for each: the room's first entries (beyond 256 members it names nobody any more), pooled buffers.
        const int Warm = 512;
        Join(host, links.AsSpan(0, Warm), first);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Join(host, links.AsSpan(Warm), first);
        long after = GC.GetTotalMemory(forceFullCollection: true);

        Assert.Equal(Members, host.Context.Sessions.Count);
        Assert.Equal(Members, host.Context.Rooms.LobbyRoom.MemberCount);
        Assert.InRange((after - before) / (Members - Warm), 1, MaxBytes);
        GC.KeepAlive(links);
    }

    private static ServerHost MakeHost() => new(
        new ChatServerOptions
        {
            Loops = 1,
            Identity = TestIdentity.Shared,
            MaxMembers = Members,
            MaxConnections = Members,
            TimeProvider = new FakeTimeProvider(),
        },
        static () => new ReplayPoller(),
        listen: null,
        runOnPool: static turn => turn.Execute());

    private static void Join(ServerHost host, ReadOnlySpan<ReplayLink> links, byte[] first)
    {
        for (int i = 0; i < links.Length; i++)
        {
            links[i].Feed(first, first.Length);
            host.Accept(links[i]);

            // A few at a time, or a buffer for the answers of each of them would be what is measured.
            while (i % 16 == 15 && host.Loops[0].Loop.RunOnce(block: false))
            {
            }
        }
    }
}
