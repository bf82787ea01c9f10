using System.Text;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>One connection of a client in such a case.</summary>
internal sealed class CaseClient(CaseServer server, MemoryClient client, int touches)
{
    private readonly List<byte> _unparsed = [];

    /// <summary>What its actor touches: itself, and so each loop that may have it.</summary>
    internal int Touches => touches;

    /// <summary>All that has arrived.</summary>
    internal List<WireFrame> Frames { get; } = [];

    /// <summary>As an actor: does these things, one a turn; none of them looks at another client.</summary>
    internal Actor As(string name, params ReadOnlySpan<Func<bool>> things) => Actor.Doing(name, touches, things);

    internal bool Write(params ReadOnlySpan<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            client.Write(frame);
        }

        return true;
    }

    /// <summary>Before the case: says something and gets the answers.</summary>
    internal void Ask(params ReadOnlySpan<byte[]> frames)
    {
        Write(frames);
        server.Server.Run();
        Read();
    }

    /// <summary>Takes what has arrived.</summary>
    internal CaseClient Read()
    {
        _unparsed.AddRange(client.ReadAll());
        Frames.AddRange(WireFrame.Parse(_unparsed.ToArray(), out int used));
        _unparsed.RemoveRange(0, used);
        return this;
    }

    internal bool Reset()
    {
        client.Reset();
        return true;
    }

    /// <summary>Says no more; what is on the way to it can still be read.</summary>
    internal bool EndSending()
    {
        client.End();
        return true;
    }

    /// <summary>The sequences of the entries that have come, which must be in order and without a hole.</summary>
    internal List<long> Sequences()
    {
        List<long> all = [.. Frames.Where(frame => frame.Type == FrameType.Entry && frame.Entry.Room == 1).Select(frame => (long)frame.Entry.Sequence)];
        Assert.Equal(Enumerable.Range(0, all.Count).Select(i => all[0] + i), all);
        return all;
    }

    internal List<ulong> Directs() => [.. Frames.Where(frame => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Direct).Select(frame => frame.Entry.Sequence)];

    internal WireFrame? First(FrameType type) => Frames.FirstOrDefault(frame => frame.Type == type);

    internal bool IsToldReplaced => First(FrameType.Bye) is { } bye && bye.Bye.Code == (ushort)DisconnectReason.Replaced;
}

/// <summary>A client with a session that outlives its connection: it has joined the lobby, and is at home on one loop.</summary>
internal sealed class CaseMember
{
    private readonly byte[] _name;
    private readonly byte[] _token;

    internal CaseMember(CaseServer server, string name, int loop)
    {
        _name = Encoding.UTF8.GetBytes(name);
        First = server.Connect(loop, mayMove: false);
        First.Ask(WireFrame.Hello(name), WireFrame.Join("lobby"), Callers.Ping(1));
        WelcomeFrame welcome = First.Frames.Only(FrameType.Welcome).Welcome;
        Id = welcome.Session;
        _token = welcome.Token.ToArray();
        Epoch = First.Frames.Only(FrameType.Joined).Joined.Epoch;
    }

    /// <summary>The connection on which it began.</summary>
    internal CaseClient First { get; }

    /// <summary>The session's number.</summary>
    internal ulong Id { get; }

    /// <summary>That of the lobby.</summary>
    internal ulong Epoch { get; }

    /// <summary>The HELLO of a later attempt.</summary>
    internal byte[] Hello(uint attempt) => WireFrame.Bytes(new HelloFrame { Version = 1, Session = Id, Token = _token, Attempt = attempt, Name = _name });
}
