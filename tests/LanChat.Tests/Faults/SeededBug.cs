using System.Text;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <summary>Something wrong that is done to a run on purpose, to prove that the laws see it. Most spoil frames on their way.</summary>
internal abstract class SeededBug
{
    /// <summary>Gets the law by which it is to be found.</summary>
    internal abstract Law Law { get; }

    /// <summary>Gives what a client gets in place of frames that came together.</summary>
    internal virtual IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) => frames;

    /// <summary>Gives what the server gets in place of frames that came together.</summary>
    internal virtual IEnumerable<WireFrame> ToServer(List<WireFrame> frames, ClientRecord client) => frames;

    /// <summary>Does something to a server that starts.</summary>
    internal virtual void Meet(ServerHost server)
    {
    }

    private protected static bool IsBy(ClientRecord client, in EntryFrame entry) => Encoding.UTF8.GetString(entry.Body).StartsWith(client.Mark, StringComparison.Ordinal);

    public override string ToString() => GetType().Name;
}
