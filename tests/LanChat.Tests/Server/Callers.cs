using System.Text;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What tests of the server ask of frames and callers again and again.</summary>
internal static class Callers
{
    /// <summary>A server in memory in which nobody is lost for being silent, and whoever is lost is gone: coming back is tested by itself.</summary>
    internal static ChatServerOptions Patient { get; } =
        new() { Loops = 1, Identity = TestIdentity.Shared, HeartbeatInterval = TimeSpan.FromHours(1), ResumeWindow = TimeSpan.Zero };

    internal static byte[] Ping(ulong opaque) => WireFrame.Bytes(new PingFrame { Opaque = opaque });

    internal static byte[] Leave(uint room) => WireFrame.Bytes(new LeaveFrame { Room = room });

    internal static byte[] Who(uint room) => WireFrame.Bytes(new WhoFrame { Room = room });

    /// <summary>The only frame of a type.</summary>
    internal static WireFrame Only(this List<WireFrame> frames, FrameType type) => Assert.Single(frames, frame => frame.Type == type);

    /// <summary>The code of the last word, which must be the last frame and the only one of its type.</summary>
    internal static DisconnectReason LastWord(this List<WireFrame> frames)
    {
        Assert.NotEmpty(frames);
        Assert.Same(frames[^1], frames.Only(FrameType.Bye));
        return (DisconnectReason)frames[^1].Bye.Code;
    }

    internal static List<WireFrame> Entries(this List<WireFrame> frames, uint room = 1) =>
        frames.FindAll(frame => frame.Type == FrameType.Entry && frame.Entry.Room == room);

    internal static List<WireFrame> Entries(this List<WireFrame> frames, EntryKind kind, uint room = 1) =>
        frames.Entries(room).FindAll(frame => frame.Entry.Kind == kind);

    internal static ulong[] Sequences(this List<WireFrame> frames, uint room = 1) => [.. frames.Entries(room).Select(frame => frame.Entry.Sequence)];

    internal static string[] Texts(this List<WireFrame> frames, EntryKind kind = EntryKind.Message, uint room = 1) =>
        [.. frames.Entries(kind, room).Select(frame => Encoding.UTF8.GetString(frame.Entry.Body))];

    internal static (ulong Id, DisconnectReason Code)[] Rejections(this List<WireFrame> frames) =>
        [.. frames.Where(frame => frame.Type == FrameType.Rejected).Select(frame => (frame.Rejected.Id, (DisconnectReason)frame.Rejected.Code))];

    internal static (ulong Id, ulong Sequence)[] Acks(this List<WireFrame> frames) =>
        [.. frames.Where(frame => frame.Type == FrameType.Ack).Select(frame => (frame.Ack.Id, frame.Ack.Sequence))];

    internal static (uint Room, DisconnectReason Code, string Name) PartedParts(this WireFrame frame) =>
        (frame.Parted.Room, (DisconnectReason)frame.Parted.Code, Encoding.UTF8.GetString(frame.Parted.Name));

    /// <summary>Who left, how many are left, and why.</summary>
    internal static (string Name, uint Members, DisconnectReason Reason) LeftParts(this WireFrame frame)
    {
        Assert.True(PresenceBody.TryReadLeft(frame.Entry.Body, out uint members, out ushort code));
        return (Encoding.UTF8.GetString(frame.Entry.Name), members, (DisconnectReason)code);
    }

    internal static uint MembersNow(this WireFrame frame)
    {
        Assert.True(PresenceBody.TryReadMembers(frame.Entry.Body, out uint members));
        return members;
    }

    internal static string[] Members(this MemoryServer server, string room = "lobby") =>
        server.Context.Rooms.Find(room) is { } found ? [.. found.Who(out _).Select(Encoding.UTF8.GetString)] : [];

    internal static void Advance(this MemoryServer server, double seconds) => server.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>The bytes of one message's entry in the log.</summary>
    internal static int EntryBytes(string name, string text) =>
        EntryLayout.MeasureBytes(Encoding.UTF8.GetByteCount(name), Encoding.UTF8.GetByteCount(text));
}
