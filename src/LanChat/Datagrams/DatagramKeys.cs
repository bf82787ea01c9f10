namespace LanChat.Datagrams;

/// <summary>What one end of a connection has to seal and to open by: a key for each direction, the counter of what it sent, and the window of what came.</summary>
/// <remarks>Opening is one thread's at a time, sealing one thread's at a time; they may be two.</remarks>
internal sealed class DatagramKeys : IDisposable
{
    private readonly DatagramKey _incoming;
    private readonly DatagramKey _outgoing;
    private ReplayWindow _window;
    private ulong _sent;

    private DatagramKeys(DatagramKey incoming, DatagramKey outgoing) => (_incoming, _outgoing) = (incoming, outgoing);

    /// <summary>Gets whether the key that seals has done its share.</summary>
    internal bool IsUsedUp => _sent >= DatagramKey.MaxDatagrams;

    internal static DatagramKeys OfServer(ReadOnlySpan<byte> secret) => new(DatagramKey.ToServer(secret), DatagramKey.ToClient(secret));

    internal static DatagramKeys OfClient(ReadOnlySpan<byte> secret) => new(DatagramKey.ToClient(secret), DatagramKey.ToServer(secret));

    /// <summary>Opens a datagram of the right connection into a place that is exactly as long as its frame. The window moves only if it is genuine.</summary>
    internal DatagramDefect Open(ReadOnlySpan<byte> datagram, ulong counter, Span<byte> frame)
    {
        if (!_window.IsNew(counter))
        {
            return DatagramDefect.Replayed;
        }

        if (!_incoming.TryOpen(datagram, frame))
        {
            return DatagramDefect.Forged;
        }

        _window.Take(counter);
        return DatagramDefect.None;
    }

    /// <summary>Seals what was written, under the next counter.</summary>
    internal ReadOnlySpan<byte> Seal(DatagramWriter written, ulong connection) => written.Seal(_outgoing, connection, ++_sent);

    public void Dispose()
    {
        _incoming.Dispose();
        _outgoing.Dispose();
    }
}
