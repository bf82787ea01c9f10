using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LanChat.Connections.Client;

/// <summary>Tells the app how a client's life goes on. Guarded by the client's Gate.</summary>
internal sealed class ClientStates
{
    // A loss, its attempts and the return are told as they come; a reader that sleeps through more than this wants to know what is, not what was.
    private const int MaxUntold = 16;

    private readonly ClientFlow _flow;
    private readonly List<Channel<ChatStateChange>> _readers = [];
    private ChatStateChange _now = new();

    internal ClientStates(ClientFlow flow) => _flow = flow;

    /// <summary>Caller holds the Gate.</summary>
    internal void Publish(ChatStateChange change)
    {
        _now = change;
        foreach (Channel<ChatStateChange> reader in _readers)
        {
            Tell(reader, change);
        }
    }

    /// <summary>Subscribes now, whether or not the result is enumerated; cancelling unsubscribes.</summary>
    internal IAsyncEnumerable<ChatStateChange> ReadAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reader = Channel.CreateBounded<ChatStateChange>(new BoundedChannelOptions(MaxUntold) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_flow.Gate)
        {
            _readers.Add(reader);
            Tell(reader, _now);
        }

        // For a reader that is cancelled before it is enumerated; one that is enumerated unsubscribes in its own finally as well.
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Unsubscribe(reader), null);
        return EnumerateAsync(reader, registration, cancellationToken);
    }

    private static void Tell(Channel<ChatStateChange> reader, ChatStateChange change)
    {
        reader.Writer.TryWrite(change);
        if (change.State == ChatState.Ended)
        {
            reader.Writer.TryComplete();
        }
    }

    private async IAsyncEnumerable<ChatStateChange> EnumerateAsync(
        Channel<ChatStateChange> reader,
        CancellationTokenRegistration registration,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ChatStateChange change in reader.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            registration.Unregister();
            Unsubscribe(reader);
        }
    }

    private void Unsubscribe(Channel<ChatStateChange> reader)
    {
        lock (_flow.Gate)
        {
            _readers.Remove(reader);
        }
    }
}
