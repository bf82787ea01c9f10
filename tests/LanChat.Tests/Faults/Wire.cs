using LanChat.Connections.Client;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <summary>One connection between a client and the server, with everything that can go wrong with it.</summary>
internal sealed class Wire : IDisposable
{
    internal Wire(int server, MemoryLink link, MemoryClient client, ClientRecord record, SeededBug? bug, bool isTls)
    {
        Server = server;
        Link = link;
        Client = client;
        Tap = new WireTap(record, bug);
        Stream = new FaultStream(client, Tap, isTls);
    }

    /// <summary>Gets which of the run's servers it leads to.</summary>
    internal int Server { get; }

    internal MemoryLink Link { get; }

    /// <summary>Gets when the client was welcomed; null when it was not.</summary>
    internal TimeSpan? WelcomedAt { get; private set; }

    /// <summary>Gets when the server let go of it; null while it has not.</summary>
    internal TimeSpan? ServerClosedAt { get; private set; }

    internal MemoryClient Client { get; }

    internal WireTap Tap { get; }

    internal FaultStream Stream { get; }

    internal MemoryDirection ToServer => Client.ToServer;

    internal MemoryDirection FromServer => Client.FromServer;

    /// <summary>Gets whether the client has let go of it.</summary>
    internal bool IsOver => Stream.IsDisposed;

    internal ClientLink ToClientLink() => new(Stream, Stream.ShutdownSend);

    /// <summary>Notes what has become of it. Time stands still between two looks.</summary>
    internal void Note(TimeSpan now)
    {
        WelcomedAt ??= Tap.HasWelcome ? now : null;
        ServerClosedAt ??= Link.IsClosed ? now : null;
    }

    internal void Stall() => Client.GoSilent();

    /// <summary>From now on the wire is good. What a cut has destroyed already stays so.</summary>
    internal void Heal()
    {
        foreach (MemoryDirection direction in new[] { ToServer, FromServer })
        {
            direction.CutAt(long.MaxValue, reset: false);
            direction.Delay = TimeSpan.Zero;
            direction.NextPiece = null;
            direction.Capacity = int.MaxValue;
            direction.IsStalled = false;
        }

        Stream.HoldsReads = false;
    }

    public void Dispose()
    {
        ToServer.Dispose();
        FromServer.Dispose();
    }
}
