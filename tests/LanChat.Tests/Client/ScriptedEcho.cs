using LanChat.Framing;

namespace LanChat.Tests.Client;

/// <summary>Plays the simplest server: a lobby with one member, whose every third message is rejected. It notes up to which byte of what it sent each
/// outcome lies, so that a cut at any byte can be judged.</summary>
internal sealed class ScriptedEcho(ScriptedServer server)
{
    private ulong _sequence;

    /// <summary>Gets, by id, the result that was sent and how many bytes had been sent after it.</summary>
    public Dictionary<long, (SendOutcome Outcome, long EndsAt)> Outcomes { get; } = [];

    /// <summary>Answers until the client has ended its direction.</summary>
    public async Task RunAsync()
    {
        while (await server.NextAsync() is { } frame)
        {
            switch (frame.Type)
            {
                case FrameType.Hello:
                    server.SendWelcome();
                    break;
                case FrameType.Join:
                    server.SendJoined("lobby", 1, ++_sequence, _sequence, 1);
                    server.SendRoster(1, _sequence, "ada");
                    server.SendEntry(EntryKind.Joined, _sequence, "ada", ScriptedServer.Members(1));
                    break;
                case FrameType.Publish when frame.Publish.Id % 3 == 0:
                    server.Send(new RejectedFrame { Id = frame.Publish.Id, Code = 14, Text = "slow down"u8 });
                    Note(frame.Publish.Id, SendOutcome.Rejected);
                    break;
                case FrameType.Publish:
                    server.SendMessage(++_sequence, "ada", frame.Publish.Text, frame.Publish.Id);
                    Note(frame.Publish.Id, SendOutcome.Accepted);
                    break;
                case FrameType.Direct:
                    server.Send(new AckFrame { Id = frame.Direct.Id, Sequence = 1 });
                    Note(frame.Direct.Id, SendOutcome.Accepted);
                    break;
                case FrameType.Leave:
                    server.SendEntry(EntryKind.Left, ++_sequence, "ada", ScriptedServer.Left(0, DisconnectReason.Goodbye));
                    server.Send(new PartedFrame { Room = 1, Code = 1, Name = "lobby"u8 });
                    break;
                case FrameType.Bye when !server.IsCut:
                    server.Cut();
                    break;
            }
        }
    }

    private void Note(ulong id, SendOutcome outcome) => Outcomes.Add((long)id, (outcome, server.BytesOffered));
}
