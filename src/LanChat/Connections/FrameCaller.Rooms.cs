using System.Text;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <content>Joining, leaving and listing (docs/protocol.md, section 3).</content>
internal sealed partial class FrameCaller
{
    /// <summary>A list is given at most this often; a client that asks sooner is not answered.</summary>
    private static readonly TimeSpan WhoInterval = TimeSpan.FromSeconds(10);

    internal override void OnParted(Membership membership)
    {
        WriteParted(membership.Room.Number, DisconnectReason.Goodbye, membership.Name);
        if (membership.Rejoin is { } request && Connection.Session is { } session)
        {
            Join(session, request);
        }
    }

    internal override void OnGap(Membership? membership, long first, long last)
    {
        uint number = membership?.Room.Number ?? 0;
        new GapFrame { Room = number, From = (ulong)first, To = (ulong)last }.WriteTo(Connection.Output);
        long sequence = 0;
        if (membership?.Room.RosterAfterGap(out sequence) is { } names)
        {
            RosterWriter.Write(Connection.Output, number, (ulong)sequence, names, _maxFrameBytes);
        }
    }

    private void OnJoin(Session session, in JoinFrame frame) =>
        Join(session, new JoinRequest(frame.Replay, frame.Epoch, frame.After, frame.Room.ToArray()));

    private void Join(Session session, JoinRequest request)
    {
        DisconnectReason refusal = Joining.TryJoin(Connection, session, request, out JoinAnswer answer);
        if (refusal != default)
        {
            WriteParted(0, refusal, request.Name);
            return;
        }

        if (answer.Membership is not { } membership)
        {
            // The last visit of this room is not over yet; the request waits for its PARTED.
            return;
        }

        new JoinedFrame
        {
            Room = membership.Room.Number,
            Flags = answer.IsCounted ? JoinedFrame.CountedFlag : (byte)0,
            Epoch = membership.Room.Epoch,
            Outcome = answer.Outcome,
            First = (ulong)answer.First,
            Newest = (ulong)membership.Newest,
            Members = (uint)answer.Members,
            Name = request.Name,
        }.WriteTo(Connection.Output);
        if (!answer.IsCounted)
        {
            RosterWriter.Write(Connection.Output, membership.Room.Number, (ulong)membership.Newest, answer.Roster, _maxFrameBytes);
        }

        Connection.Loop.Queue(Connection);
    }

    private void OnLeave(Session session, uint room)
    {
        if (session.FindMembership(room) is { IsPresent: true } membership)
        {
            membership.Room.Leave(membership, DisconnectReason.Goodbye);
        }
        else
        {
            WriteParted(room, DisconnectReason.NotAMember, []);
        }
    }

    private void OnWho(Session session, uint room)
    {
        if (session.FindMembership(room) is not { IsPresent: true } membership)
        {
            WriteParted(room, DisconnectReason.NotAMember, []);
            return;
        }

        if (membership.WhoDue <= Connection.Loop.Timestamp)
        {
            membership.WhoDue = Connection.After(WhoInterval);
            byte[][] names = membership.Room.Who(out long sequence);
            RosterWriter.Write(Connection.Output, room, (ulong)sequence, names, _maxFrameBytes);
            Connection.Loop.Queue(Connection);
        }
    }

    private void WriteParted(uint room, DisconnectReason code, ReadOnlySpan<byte> name)
    {
        new PartedFrame { Room = room, Code = (ushort)code, Name = name, Text = Encoding.UTF8.GetBytes(Refusals.Sentence(code)) }.WriteTo(Connection.Output);
        Connection.Loop.Queue(Connection);
    }
}
