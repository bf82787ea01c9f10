using LanChat.Connections;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>A server that passes over what is too much for a slow reader, ada who speaks, and bo who is frozen now and then.</summary>
public abstract class SkippingFixture
{
    private protected const int Limit = 64 << 10;

    private readonly RecordingLoggerFactory _log = new();

    protected SkippingFixture(bool tls)
    {
        IsTls = tls;
        Server = new MemoryServer(Options, tls);
        Ada = Server.Join("ada");
        Ada.Frames();
    }

    private protected static string Text { get; } = new('x', 1000);

    private protected static int EntryBytes { get; } = Callers.EntryBytes("ada", Text);

    private protected bool IsTls { get; }

    private protected MemoryServer Server { get; }

    private protected MemoryCaller Ada { get; }

    /// <summary>How many messages ada has said.</summary>
    private protected ulong Said { get; set; }

    private protected ChatServerOptions Options => Callers.Patient with
    {
        PublishRate = 0,
        MaxLagBytes = Limit,
        MaxHistoryBytes = 0,
        SlowPolicy = SlowConsumerPolicy.Skip,
        LoggerFactory = _log,
    };

    private protected MemoryCaller JoinFrozen(out FollowedRoom followed)
    {
        MemoryCaller bo = Server.Join("bo");
        followed = new FollowedRoom().Take(bo.Frames());
        followed.Entries.Clear();
        bo.Client.FromServer.Capacity = 0;
        Ada.Frames();
        return bo;
    }

    private protected void Thaw(MemoryCaller caller, MemoryServer? server = null)
    {
        caller.Client.FromServer.NextPiece = null;
        caller.Client.FromServer.Capacity = int.MaxValue;
        (server ?? Server).Run();
    }

    private protected void AdaSays(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Ada.Say(WireFrame.Publish(1, ++Said, Text));
            Ada.Frames();
        }
    }

    private protected static WireFrame Answer(MemoryCaller caller)
    {
        caller.Say(Callers.Ping(1));
        return Assert.Single(caller.Frames());
    }

    private protected int Waiting(string name) => ConnectionOf(name).OutputCount;

    private protected ServerConnection ConnectionOf(string name) => Assert.Single(Server.Context.Sessions.All, session => session.Name.Text == name).Connection!;

    private protected static ulong LastSequence(MemoryServer server, string room)
    {
        server.Context.Rooms.Find(room)!.Who(out long sequence);
        return (ulong)sequence;
    }

    private protected string[] Slow() => Lines("is too slow");

    private protected string[] Lines(string part) => [.. _log.Logger.Lines.Select(line => line.Text).Where(text => text.Contains(part, StringComparison.Ordinal))];
}
