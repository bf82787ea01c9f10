using System.Buffers;
using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>One contestant: how its server is started and what its clients say.</summary>
internal abstract class Contestant
{
    /// <summary>Gets the name that reports and <c>--peers</c> use.</summary>
    internal abstract string Name { get; }

    /// <summary>Gets why it cannot run here, as a sentence; null when it can.</summary>
    internal virtual string? WhyNot => null;

    /// <summary>Gets whether its clients speak TLS 1.3, taking any certificate and naming no application protocol.</summary>
    internal virtual bool IsTls => false;

    /// <summary>Gets whether a publisher that receives gets its own messages too.</summary>
    internal virtual bool EchoesOwn => true;

    /// <summary>Gets whether it knows rooms; else everybody gets everything, whatever room they name.</summary>
    internal virtual bool HasRooms => true;

    /// <summary>Gets whether it can be told how many loops or threads to use.</summary>
    internal virtual bool HasLoops => false;

    /// <summary>Makes the command of a server that listens on 127.0.0.1 and nowhere else. It is ready when a TCP connection succeeds.</summary>
    /// <param name="port">A free port.</param>
    /// <param name="loops">How many loops or threads the server shall use, where it lets itself be told.</param>
    /// <param name="directory">An empty directory of its own, for its configuration; removed after it has ended.</param>
    internal abstract ProcessStartInfo Server(int port, int loops, string directory);

    /// <summary>Takes what the server says in plain before its TLS handshake; nothing, unless a protocol demands it.</summary>
    internal virtual ValueTask BeforeTlsAsync(Stream plain, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Makes what one connection says and hears.</summary>
    /// <param name="room">The room it is in: letters, digits and hyphens.</param>
    /// <param name="receives">False for one that only publishes: where the protocol allows it, it gets no messages; where it gets them all the same,
    /// they are checked and not delivered.</param>
    internal abstract Wire NewWire(string room, bool receives);
}

/// <summary>What one connection says and hears. One instance for each connection, used by one thread at a time.</summary>
internal abstract class Wire
{
    /// <summary>Gets whether the server has answered: whatever is published from now on will arrive, and this connection may publish.</summary>
    internal bool IsReady { get; private protected set; }

    /// <summary>Gets how many bytes <see cref="WriteReply"/> has to write: a PONG and the like. Asked for after <see cref="Parse"/>.</summary>
    internal virtual int PendingReply => 0;

    /// <summary>Writes what opens the connection: once, first, and in one go.</summary>
    internal abstract void WriteHello(IBufferWriter<byte> output);

    /// <summary>Writes one message, once <see cref="IsReady"/>.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="payload">At least 32 letters and digits in ASCII.</param>
    internal abstract void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> payload);

    /// <summary>Takes what is whole from the front of <paramref name="bytes"/> and gives each message to <paramref name="sink"/>.</summary>
    /// <returns>How many bytes were taken; the rest has to come again, with more behind it.</returns>
    /// <exception cref="InvalidDataException">An error, a rejection, or anything else that has no place here.</exception>
    internal abstract int Parse(ReadOnlySpan<byte> bytes, IDeliveries sink);

    /// <summary>Gets how long a delivered message is on the wire (inside TLS, where there is TLS), when it comes alone.</summary>
    internal abstract int DeliveredBytes(int payloadBytes);

    /// <summary>Writes the pending reply.</summary>
    internal virtual void WriteReply(IBufferWriter<byte> output)
    {
    }
}

/// <summary>Takes the messages that a connection gets.</summary>
internal interface IDeliveries
{
    void Delivered(ReadOnlySpan<byte> payload);
}
