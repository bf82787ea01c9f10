using LanChat.Connections.Client;

namespace LanChat;

/// <summary>One room that a client joined: send to it, read along, see who is there.</summary>
/// <remarks>
/// <para>Every member sees the same events in the same order, its own messages included: that one's own message came back, with its
/// sequence, is the confirmation that <see cref="SendAsync(string, CancellationToken)"/> returns.</para>
/// <para>While the connection is lost and being made again nothing comes, and sends wait. Then a <see cref="Resumed"/>, <see cref="Gap"/> or <see cref="Reset"/> stands before what follows.</para>
/// <para>It ends when it is left, when the server parts this client from it or does not let it in again, or with the client: then <see cref="Completion"/> says why, every reader comes to
/// its end after the events that it still holds, and sends are rejected. All members may be used from any thread at any time.</para>
/// </remarks>
public sealed class ChatRoom
{
    private readonly ClientRoom _room;

    internal ChatRoom(ClientRoom room) => _room = room;

    /// <summary>Gets the room's name, as it was asked for.</summary>
    public string Name => _room.Name;

    /// <summary>Gets who is there now, sorted: a list of its own that does not change. Empty in a room that is only counted.</summary>
    public IReadOnlyList<string> Members
    {
        get
        {
            lock (_room.Flow.Gate)
            {
                return _room.Roster.Names;
            }
        }
    }

    /// <summary>Gets how many members there are now.</summary>
    public int MemberCount
    {
        get
        {
            lock (_room.Flow.Gate)
            {
                return _room.Roster.Count;
            }
        }
    }

    /// <summary>Gets whether the room is too large to name its members: there is a count, and <see cref="MembersChanged"/> instead of comings and goings.</summary>
    public bool IsCounted
    {
        get
        {
            lock (_room.Flow.Gate)
            {
                return _room.Roster.IsCounted;
            }
        }
    }

    /// <summary>Gets the sequence of the newest entry when the room was joined, or began anew (<see cref="Reset"/>): what is newer happened since. Unless the room is counted, it is this
    /// client's own <see cref="MemberJoined"/>.</summary>
    public long JoinedSequence => _room.JoinedSequence;

    /// <summary>Gets a task that ends with the membership and says why. It never fails.</summary>
    public Task<DisconnectReason> Completion => _room.Completion;

    /// <summary>Gets the server's sentence about the end of the membership; empty before. Safe to print.</summary>
    public string PartedText
    {
        get
        {
            lock (_room.Flow.Gate)
            {
                return _room.PartedText;
            }
        }
    }

    /// <summary>Sends a text to the room and says what became of it.</summary>
    /// <remarks>It may be awaited inside a loop over <see cref="ReadAllAsync"/>. While the server's window is full, or the connection is lost, it waits for its turn; messages
    /// of one caller keep their order. Too many that wait are rejected (<see cref="ChatClientOptions.MaxWaitingSends"/>).</remarks>
    /// <param name="text">The text. One that is too long or no Unicode is rejected (<see cref="DisconnectReason.BadText"/>) without being sent.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn; once it is on its way its outcome is awaited all the
    /// same, also by a later connection.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(text, MessageTransport.Tcp, cancellationToken);

    /// <summary>Sends a text to the room over TCP or UDP, and says what became of it.</summary>
    /// <remarks>Otherwise as <see cref="SendAsync(string, CancellationToken)"/>, with the same outcomes: a datagram that gets lost is sent again, and in the end the message goes over TCP, under the same id.</remarks>
    /// <param name="text">The text. One that is too long or no Unicode is rejected (<see cref="DisconnectReason.BadText"/>) without being sent.</param>
    /// <param name="transport">How it is to travel. By UDP only one message is on its way at a time, and what is sent after it waits for it.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such transport.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendAsync(string text, MessageTransport transport, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        Check.Defined(transport, nameof(transport));
        return ClientText.TryEncode(text, out byte[] body)
            ? _room.Sends.TraceSendAsync(ClientSend.Publish(_room, body, isOpaque: false, transport), cancellationToken)
            : new(SendResult.Rejected(0, DisconnectReason.BadText, "the text is not Unicode"));
    }

    /// <summary>Sends bytes of the app's own format to the room, which nobody checks or changes, and says what became of them.</summary>
    /// <remarks>Otherwise as <see cref="SendAsync(string, CancellationToken)"/>.</remarks>
    /// <param name="data">The bytes; copied before this returns.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn.</param>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => SendAsync(data, MessageTransport.Tcp, cancellationToken);

    /// <summary>Sends bytes of the app's own format to the room over TCP or UDP, and says what became of them.</summary>
    /// <remarks>Otherwise as <see cref="SendAsync(string, MessageTransport, CancellationToken)"/>.</remarks>
    /// <param name="data">The bytes; copied before this returns.</param>
    /// <param name="transport">How they are to travel.</param>
    /// <param name="cancellationToken">Cancels while the message waits for its turn.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such transport.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled in time: the message was not sent, and never will be.</exception>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> data, MessageTransport transport, CancellationToken cancellationToken = default)
    {
        Check.Defined(transport, nameof(transport));
        return _room.Sends.TraceSendAsync(ClientSend.Publish(_room, data.ToArray(), isOpaque: true, transport), cancellationToken);
    }

    /// <summary>Subscribes to the room's events: from now on, whether or not the result is enumerated yet.</summary>
    /// <remarks>
    /// <para>The first call also gets what came since the room was joined, history included (the newest, as many as
    /// <see cref="ChatClientOptions.MaxBufferedEvents"/>; a <see cref="Gap"/> in front says what is gone). Each call has a buffer of its own.</para>
    /// <para>A reader that is full stops the whole client from reading, so that nothing is lost here and the server sees a slow consumer. Only
    /// while an answer is awaited (a send, a join, a leave) reading goes on, and what does not fit becomes a <see cref="Gap"/>. So enumerate
    /// what you subscribed to, or cancel it. It is enumerated once.</para>
    /// </remarks>
    /// <param name="cancellationToken">Unsubscribes.</param>
    public IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken = default) => _room.Events.ReadAllAsync(cancellationToken);

    /// <summary>Leaves the room and waits until the server has said everything that was before it; nothing when it has ended already.</summary>
    /// <param name="cancellationToken">Stops the waiting; the room is left all the same.</param>
    public ValueTask LeaveAsync(CancellationToken cancellationToken = default) => _room.LeaveAsync(cancellationToken);
}
