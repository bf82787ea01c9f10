using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Sessions;

namespace LanChat.Connections;

/// <content>What carries an id: PUBLISH, DIRECT and COMMAND. Each id gets exactly one outcome and is used up by it; a repeat gets the same one. What a
/// COMMAND does is in <see cref="OperatorCommand"/>.</content>
internal sealed partial class FrameCaller
{
    // Whether it was logged that this connection has no operator rights and acts as if.
    private bool _refusedCommand;

    private void OnPublish(Session session, in PublishFrame frame)
    {
        if (!IsNew(session, frame.Id))
        {
            return;
        }

        // Accepted: the confirmation is the entry itself, when this connection's cursor passes it. By UDP it is also told at once.
        DisconnectReason refusal = Publishing.TryPublish(Connection, session, in frame, out long sequence);
        if (refusal == default)
        {
            session.Outcomes.Record(Outcome.Of(sequence));
            if (_datagramAnswer is not null && sequence > 0)
            {
                Acknowledge(frame.Id, sequence);
            }
        }
        else
        {
            Reject(session, frame.Id, refusal);
        }
    }

    private void OnDirect(Session session, in DirectFrame frame)
    {
        if (!IsNew(session, frame.Id))
        {
            return;
        }

        DisconnectReason refusal = Publishing.TryDirect(Connection, session, frame.Id, frame.To, frame.Body, out long sequence);
        if (refusal == default)
        {
            session.Outcomes.Record(Outcome.Of(sequence));
            if (sequence > 0)
            {
                Acknowledge(frame.Id, sequence);
            }
        }
        else
        {
            Reject(session, frame.Id, refusal);
        }
    }

    private void OnCommand(Session session, in CommandFrame frame)
    {
        if (!IsNew(session, frame.Id))
        {
            return;
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
            Reject(session, frame.Id, refusal);
        }
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
            Acknowledge(message.Id, sequence);
        }
    }

    private void Acknowledge(ulong id, long sequence)
    {
        new AckFrame { Id = id, Sequence = (ulong)sequence }.WriteTo(Answers);
        Connection.Loop.Queue(Connection);
    }

    private bool IsNew(Session session, ulong id)
    {
        switch (session.Outcomes.Check(id))
        {
            case IdCheck.New:
                return true;
            case IdCheck.Repeat:
                session.Outcomes[id].WriteTo(Answers, id);
                Connection.Loop.Queue(Connection);
                return false;
            case var _ when _datagramAnswer is not null:
                _isOutOfOrder = true;
                return false;
            default:
                Violation("an id out of order");
                return false;
        }
    }

    private void Reject(Session session, ulong id, DisconnectReason reason)
    {
        session.Outcomes.Record(Outcome.Rejected(reason));
        Metrics.Rejected.Add(1, Refusals.Tag(reason));
        new RejectedFrame { Id = id, Code = (ushort)reason, Text = Refusals.Utf8(reason) }.WriteTo(Answers);
        Connection.Loop.Queue(Connection);
    }
}
