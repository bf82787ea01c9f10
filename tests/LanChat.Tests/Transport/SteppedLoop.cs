using LanChat.Tests.Support;
using LanChat.Transport;
using Xunit;

namespace LanChat.Tests.Transport;

/// <summary>A loop over memory that the test steps by hand: the same events in the same order, each time.</summary>
internal sealed class SteppedLoop : IAsyncDisposable
{
    internal SteppedLoop()
    {
        Network = new MemoryNetwork(Time);
        Loop = new EventLoop(Poller, Time, "stepped", Logger);
    }

    internal FakeTimeProvider Time { get; } = new();

    internal MemoryPoller Poller { get; } = new();

    internal RecordingLogger Logger { get; } = new();

    internal MemoryNetwork Network { get; }

    internal EventLoop Loop { get; }

    internal (EchoConnection Connection, MemoryClient Client) Connect(List<string>? calls = null, int deferBytes = 0)
    {
        (MemoryLink link, MemoryClient client) = Network.Connect(deferBytes: deferBytes);
        var connection = new EchoConnection(link) { Calls = calls };
        Assert.True(Loop.Add(connection));
        Loop.RunOnce(block: false);
        return (connection, client);
    }

    /// <summary>Iterates until nothing happens; fails when that never comes.</summary>
    internal int RunUntilQuiet()
    {
        for (int iterations = 0; iterations < 1_000_000; iterations++)
        {
            if (!Loop.RunOnce(block: false))
            {
                return iterations;
            }
        }

        throw new InvalidOperationException("The loop never becomes quiet.");
    }

    /// <summary>Frames of these lengths, with bytes that tell one from the other.</summary>
    internal static byte[] Frames(params int[] lengths)
    {
        var bytes = new List<byte>();
        foreach (int length in lengths)
        {
            bytes.Add((byte)length);
            for (int i = 0; i < length; i++)
            {
                bytes.Add((byte)(bytes.Count * 7));
            }
        }

        return [.. bytes];
    }

    public ValueTask DisposeAsync() => Loop.DisposeAsync();
}
