using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Transport;

namespace LanChat.Connections;

/// <summary>One of a server's loops: its number, by which rooms keep their members apart, and memory that its connections take turns with.</summary>
internal sealed class ServerLoop(int number, EventLoop loop, ServerContext server)
{
    /// <summary>Gets what all loops of the server share.</summary>
    internal ServerContext Server { get; } = server;

    internal int Number { get; } = number;

    internal EventLoop Loop { get; } = loop;

    internal LoopTraffic Traffic { get; } = new();

    internal OutputBuffers Outputs { get; } = new();

    internal TlsBuffers TlsBuffers { get; } = new();

    /// <summary>The place where a text is written when something in it had to be replaced; its length is the limit. Used up before the next frame is looked at.</summary>
    internal byte[] TextScratch { get; } = new byte[server.Options.MaxTextBytes];

    /// <summary>Where the answer to a datagram is written and sealed.</summary>
    internal DatagramWriter DatagramAnswer { get; } = new();

    /// <summary>Where each of the <see cref="EventLoop.Pieces"/> of the send that is being made came from.</summary>
    internal int[] PieceSources { get; } = new int[loop.Pieces.Length];
}
