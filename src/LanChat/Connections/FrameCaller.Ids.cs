using System.Buffers;
using System.Text;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <content>What carries an id: PUBLISH, DIRECT and COMMAND. Each id gets exactly one outcome and is used up by it; a repeat gets the same one. What a
/// COMMAND does is in <see cref="OperatorCommand"/>. What came by UDP has a datagram for its answer; what is decided at once is answered there, the rest by TCP.</content>
internal sealed partial class FrameCaller
{
    // Whether it was logged that this connection has no operator rights and acts as if.
    private bool _refusedCommand;

    private IdCheck OnPublish(Session session, in PublishFrame frame, DatagramWriter? datagram)
    {
        IdCheck check = Check(session, frame.Id, datagram);
        if (check != IdCheck.New)
        {
            return check;
        }

        // Accepted: the confirmation is the entry itself, when this connection's cursor passes it. By UDP it is also told at once.
        DisconnectReason refusal = Publishing.TryPublish(Connection, session, in frame, out long sequence);
        if (refusal == default)
        {
            session.Outcomes.Record(Outcome.Of(sequence));
            if (datagram is not null && sequence > 0)
            {
                Acknowledge(frame.Id, sequence, datagram);
            }
        }
        else
        {
            Reject(session, frame.Id, refusal, datagram);
        }

        return check;
    }

    private IdCheck OnDirect(Session session, in DirectFrame frame, DatagramWriter? datagram)
    {
        IdCheck check = Check(session, frame.Id, datagram);
        if (check != IdCheck.New)
        {
            return check;
        }

        DisconnectReason refusal = Publishing.TryDirect(Connection, session, frame.Id, frame.To, frame.Body, out long sequence);
        if (refusal == default)
        {
            session.Outcomes.Record(Outcome.Of(sequence));
            if (sequence > 0)
            {
                Acknowledge(frame.Id, sequence, datagram);
            }
        }
        else
        {
            Reject(session, frame.Id, refusal, datagram);
        }

        return check;
    }

    private IdCheck OnCommand(Session session, in CommandFrame frame)
    {
        IdCheck check = Check(session, frame.Id, datagram: null);
        if (check != IdCheck.New)
        {
            return check;
        }

        DisconnectReason refusal = Publishing.TryStart(Connection, session);
        if (refusal == default && !Connection.IsOperator)
        {
            refusal = DisconnectReason.NotPermitted;
            NoteNoOperator(session, in frame);
        }

        if (refusal == default)
        {
            session.Outcomes.Record(Outcome.Undecided);
            OperatorCommand.CarryOut(Connection, session, in frame);
        }
        else
        {
            Reject(session, frame.Id, refusal, datagram: null);
        }

        return check;
    }

    // The first attempt of a connection: whoever goes on and on shall not fill the log.
    private void NoteNoOperator(Session session, in CommandFrame frame)
    {
        if (!_refusedCommand)
        {
            _refusedCommand = true;
            Log.NoOperator(Server.Logger, session.Name.Text, Connection.Link.RemoteEndPoint, OperatorCommand.ForLog(frame.Verb));
        }
    }

    // A message that came over this connection to a room it is in is confirmed by its entry, like any other.
    internal override void OnDecided(UndecidedMessage message, long sequence, DisconnectReason refusal, string text)
    {
        if (refusal != default)
        {
            new RejectedFrame { Id = message.Id, Code = (ushort)refusal, Text = Encoding.UTF8.GetBytes(text) }.WriteTo(Connection.Output);
            Connection.Loop.Queue(Connection);
        }
        else if (message.To is not null || message.Connection != Connection)
        {
            Acknowledge(message.Id, sequence, datagram: null);
        }
    }

    private void Acknowledge(ulong id, long sequence, DatagramWriter? datagram)
    {
        new AckFrame { Id = id, Sequence = (ulong)sequence }.WriteTo(Answers(datagram));
        Connection.Loop.Queue(Connection);
    }

    // A repeat is answered here; an id out of order is for who knows the way it came.
    private IdCheck Check(Session session, ulong id, DatagramWriter? datagram)
    {
        IdCheck check = session.Outcomes.Check(id);
        if (check == IdCheck.Repeat)
        {
            session.Outcomes[id].WriteTo(Answers(datagram), id);
            Connection.Loop.Queue(Connection);
        }

        return check;
    }

    private void Reject(Session session, ulong id, DisconnectReason reason, DatagramWriter? datagram)
    {
        session.Outcomes.Record(Outcome.Rejected(reason));
        Metrics.Rejected.Add(1, Refusals.Tag(reason));
        new RejectedFrame { Id = id, Code = (ushort)reason, Text = Refusals.Utf8(reason) }.WriteTo(Answers(datagram));
        Connection.Loop.Queue(Connection);
    }

    private IBufferWriter<byte> Answers(DatagramWriter? datagram) => datagram ?? (IBufferWriter<byte>)Connection.Output;
}
