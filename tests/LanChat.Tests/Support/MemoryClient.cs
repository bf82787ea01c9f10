using LanChat.Transport;

namespace LanChat.Tests.Support;

/// <summary>The client's end of a connection in memory: written to and read from directly by a test, or as a <see cref="Stream"/> by real client code.</summary>
/// <remarks>The faults are set on <see cref="ToServer"/> and <see cref="FromServer"/>.</remarks>
internal sealed class MemoryClient(MemoryDirection toServer, MemoryDirection fromServer)
{
    internal MemoryDirection ToServer { get; } = toServer;

    internal MemoryDirection FromServer { get; } = fromServer;

    /// <summary>The status of the last <see cref="ReadAll"/>: WouldBlock = nothing more now.</summary>
    internal LinkStatus Status { get; private set; } = LinkStatus.WouldBlock;

    /// <summary>The TLS that <see cref="StartTls"/> put over the connection.</summary>
    internal MemoryTls? Tls { get; private set; }

    /// <summary>From here on <see cref="Write"/> and <see cref="ReadAll"/> speak through TLS, which is what the faults then happen to.</summary>
    internal void StartTls(System.Net.Security.SslClientAuthenticationOptions? options = null) =>
        Tls = new MemoryTls(ToServer, options ?? TestIdentity.ClientOptions());

    /// <summary>Writes all; a test that wants a bounded wire looks at what <see cref="MemoryDirection.TryWrite"/> took.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        if (Tls is not null)
        {
            Tls.Write(bytes);
            return;
        }

        if (ToServer.TryWrite(bytes, out int taken) && taken < bytes.Length)
        {
            throw new InvalidOperationException($"The wire to the server took {taken} of {bytes.Length} bytes.");
        }
    }

    /// <summary>Everything that has arrived.</summary>
    internal byte[] ReadAll()
    {
        byte[] bytes = ReadWire();
        if (Tls is null)
        {
            return bytes;
        }

        LinkStatus status = Status;
        bytes = Tls.Read(bytes, ref status);
        Status = status;
        return bytes;
    }

    /// <summary>Everything that has arrived, as it came over the wire.</summary>
    internal byte[] ReadWire()
    {
        var all = new MemoryStream();
        byte[] piece = new byte[4096];
        while ((Status = FromServer.Read(piece, out int read)) == LinkStatus.Ok)
        {
            all.Write(piece, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>At most this much of what has arrived; for a reader that is slow.</summary>
    internal int Read(Span<byte> into)
    {
        Status = FromServer.Read(into, out int read);
        return read;
    }

    /// <summary>Ends its direction cleanly and goes on reading.</summary>
    internal void End()
    {
        Tls?.End();
        ToServer.End();
    }

    internal void Reset() => ToServer.Reset();

    /// <summary>Half open: from now on nothing arrives at either side, not even an end.</summary>
    internal void GoSilent() => ToServer.IsStalled = FromServer.IsStalled = true;

    /// <summary>The same end as a stream; disposing it ends the client's direction.</summary>
    internal Stream AsStream() => new MemoryClientStream(this);
}
