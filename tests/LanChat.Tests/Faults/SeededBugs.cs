using System.Buffers;
using System.Text;
using LanChat.Broadcast;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Faults;

/// <summary>A server that publishes what it gets as if it came twice: the next number is used for it again.</summary>
internal sealed class PublishesTwice : SeededBug
{
    private readonly HashSet<ClientRecord> _spoilt = [];

    internal override Law Law => Law.NothingTwice;

    internal override IEnumerable<WireFrame> ToServer(List<WireFrame> frames, ClientRecord client)
    {
        foreach (WireFrame frame in frames)
        {
            if (frame.Type != FrameType.Publish)
            {
                yield return frame;
                continue;
            }

            // From here on the server's count of this session is one ahead of the client's.
            PublishFrame publish = frame.Decode<PublishFrame>();
            (uint room, ulong id, byte[] body) = (publish.Room, publish.Id, publish.Body.ToArray());
            if (_spoilt.Add(client))
            {
                yield return frame;
            }

            yield return Publish(room, id + 1, body);
        }
    }

    private static WireFrame Publish(uint room, ulong id, byte[] body) => WireFrame.Of(new PublishFrame { Room = room, Id = id, Body = body });
}

/// <summary>A server that loses messages after the tenth.</summary>
internal sealed class LosesMessages : SeededBug
{
    private int _count;

    internal override Law Law => Law.EverythingEnds;

    internal override IEnumerable<WireFrame> ToServer(List<WireFrame> frames, ClientRecord client) =>
        frames.Where(frame => frame.Type is not (FrameType.Publish or FrameType.Direct) || Interlocked.Increment(ref _count) <= 10);
}

/// <summary>A server that does not say again, to a client that came back, what became of a message.</summary>
internal sealed class LosesRepeatedOutcomes : SeededBug
{
    internal override Law Law => Law.EverythingEnds;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) =>
        frames.Where(frame => frame.Type != FrameType.Ack || client.Sessions.Count < 2);
}

/// <summary>A server that forgets whom it knew: everybody who comes back is somebody new.</summary>
internal sealed class ForgetsSessions : SeededBug
{
    internal override Law Law => Law.ClientsComeBack;

    internal override IEnumerable<WireFrame> ToServer(List<WireFrame> frames, ClientRecord client) => frames.Select(frame =>
    {
        if (frame.Type != FrameType.Hello)
        {
            return frame;
        }

        HelloFrame hello = frame.Decode<HelloFrame>();
        return WireFrame.Of(new HelloFrame { Version = hello.Version, Nonce = hello.Nonce.ToArray(), Name = hello.Name.ToArray() });
    });
}

/// <summary>A server that gives a member two messages in the wrong order.</summary>
internal sealed class SwapsEntries : SeededBug
{
    internal override Law Law => Law.OneOrder;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client)
    {
        for (int i = 1; i < frames.Count; i++)
        {
            if (IsMessage(frames[i - 1]) && IsMessage(frames[i]) && frames[i - 1].Entry.Room == frames[i].Entry.Room)
            {
                (WireFrame one, WireFrame other) = (frames[i - 1], frames[i]);
                (frames[i - 1], frames[i]) = (WithSequence(other, one.Entry.Sequence), WithSequence(one, other.Entry.Sequence));
                break;
            }
        }

        return frames;
    }

    private static bool IsMessage(WireFrame frame) => frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message;

    private static WireFrame WithSequence(WireFrame frame, ulong sequence)
    {
        EntryFrame entry = frame.Entry;
        return WireFrame.Of(new EntryFrame
        {
            Kind = entry.Kind,
            Room = entry.Room,
            Sequence = sequence,
            Time = entry.Time,
            Id = entry.Id,
            Name = entry.Name,
            Body = entry.Body,
        });
    }
}

/// <summary>A server that keeps a message from a member, and nobody notices: it takes its place in the order.</summary>
internal sealed class HidesMessages : SeededBug
{
    private int _count;

    internal override Law Law => Law.SeenOrTold;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) => frames.Select(frame =>
        frame.Type == FrameType.Entry && frame.Entry is { Kind: EntryKind.Message, Room: > 0 } && !IsBy(client, frame.Entry) && Interlocked.Increment(ref _count) % 5 == 0
            ? frame with { Body = [0x70, .. frame.Body[1..]] }
            : frame);
}

/// <summary>A server that confirms what it has refused.</summary>
internal sealed class ConfirmsTheRefused : SeededBug
{
    internal override Law Law => Law.AcceptedIsThere;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) =>
        frames.Select(frame => frame.Type == FrameType.Rejected ? WireFrame.Of(new AckFrame { Id = frame.Rejected.Id, Sequence = 1 }) : frame);
}

/// <summary>A server that refuses what it has published.</summary>
internal sealed class RefusesThePublished : SeededBug
{
    internal override Law Law => Law.RejectedIsNowhere;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client)
    {
        foreach (WireFrame frame in frames)
        {
            if (frame.Type == FrameType.Entry && frame.Entry.Kind == EntryKind.Message && IsBy(client, frame.Entry))
            {
                yield return WireFrame.Of(new RejectedFrame { Id = frame.Entry.Id, Code = (ushort)DisconnectReason.TooFast });
            }

            yield return frame;
        }
    }
}

/// <summary>A server that says of new entries that they are history.</summary>
internal sealed class SaysTooMuchIsHistory : SeededBug
{
    internal override Law Law => Law.OneOrder;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) => frames.Select(frame =>
    {
        if (frame.Type != FrameType.Joined)
        {
            return frame;
        }

        JoinedFrame joined = frame.Joined;
        return WireFrame.Of(new JoinedFrame
        {
            Room = joined.Room,
            Flags = joined.Flags,
            Epoch = joined.Epoch,
            Outcome = joined.Outcome,
            First = joined.First,
            Newest = joined.Newest + 1,
            Members = joined.Members,
            Name = joined.Name,
        });
    });
}

/// <summary>A server that lists somebody who is not there.</summary>
internal sealed class ListsAGhost : SeededBug
{
    internal override Law Law => Law.RostersAgree;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) => frames.Select(frame =>
    {
        if (frame.Type != FrameType.Roster)
        {
            return frame;
        }

        var output = new ArrayBufferWriter<byte>();
        byte[][] names = [.. frame.RosterNames().Append("ghost").Select(Encoding.UTF8.GetBytes)];
        RosterWriter.Write(output, frame.Roster.Room, frame.Roster.Sequence, names, 4096);
        return WireFrame.Parse(output.WrittenSpan.ToArray(), out _)[0];
    });
}

/// <summary>A server that gives a member a frame twice.</summary>
internal sealed class RepeatsFrames : SeededBug
{
    internal override Law Law => Law.BothSidesUnderstand;

    internal override IEnumerable<WireFrame> ToClient(List<WireFrame> frames, ClientRecord client) =>
        frames.SelectMany(frame => frame.Type == FrameType.Entry ? new[] { frame, frame } : [frame]);
}

/// <summary>A server that never lets go of a place in a log.</summary>
internal sealed class KeepsACursor : SeededBug
{
    private LogCursor? _kept;

    internal override Law Law => Law.NothingIsLeft;

    internal override void Meet(ServerHost server) => _kept ??= server.Context.Rooms.LobbyRoom.Log.Subscribe(1);
}
