using System.Buffers;
using LanChat.Datagrams;

namespace LanChat.Connections;

/// <summary>The language a caller speaks on its connection: frames, or lines of text. Everything runs on the connection's loop.</summary>
internal abstract class Caller(ServerConnection connection)
{
    protected ServerConnection Connection { get; } = connection;

    protected ServerContext Server => Connection.Server;

    /// <summary>Gets whether the round sends the cursors' bytes as they are. Otherwise <see cref="Draw"/> reads the cursors.</summary>
    internal abstract bool SendsEntries { get; }

    /// <summary>Gets whether the caller has what it takes to come back to its session over another connection.</summary>
    internal abstract bool CanResume { get; }

    /// <summary>Acts on what was received, and returns how far: what is left is the start of something, and comes again with more.</summary>
    internal abstract SequencePosition OnReceived(ReadOnlySequence<byte> bytes);

    /// <summary>Acts on a frame that came by UDP, and writes the answer, if there is one. Says what was wrong with it.</summary>
    internal virtual DatagramDefect OnDatagram(ReadOnlySpan<byte> frame, DatagramWriter answer) => DatagramDefect.Malformed;

    /// <summary>The peer has said all it will say. True when it may still get its answers before the connection ends.</summary>
    internal virtual bool OnEndOfStream() => false;

    /// <summary>Writes what the cursors have to the connection's output, as far as it may hold it.</summary>
    internal virtual void Draw()
    {
    }

    /// <summary>Writes the last word.</summary>
    internal abstract void WriteBye(DisconnectReason reason, string text);

    /// <summary>Tells the caller that it is out of a room, after its last entry there.</summary>
    internal virtual void OnParted(Rooms.Membership membership)
    {
    }

    /// <summary>Gets whether entries may be passed over, should the caller be too slow for them.</summary>
    internal virtual bool MayMissEntries => true;

    /// <summary>Writes, just before the next entry, that some before it were passed over.</summary>
    /// <param name="membership">The room in which; null: the mailbox.</param>
    /// <param name="first">The first entry that is missing.</param>
    /// <param name="last">The last.</param>
    internal abstract void OnGap(Rooms.Membership? membership, long first, long last);

    /// <summary>Ends the connection if a time has run out, and returns the next time to look (a timestamp; <see cref="long.MaxValue"/>: none).</summary>
    internal abstract long CheckDeadlines(long now);
}
