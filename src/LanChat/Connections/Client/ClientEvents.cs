using System.Runtime.CompilerServices;

namespace LanChat.Connections.Client;

/// <summary>The events of one room, or of the mailbox, on their way to the app's readers.</summary>
/// <remarks>Events are kept from the start for the first reader, so that nothing between JOIN and the first
/// <c>ReadAllAsync</c> is missed. Later readers get what comes after they subscribed. While nobody reads and nobody ever did, the newest are kept;
/// while nobody reads any more, nothing is.</remarks>
internal sealed class ClientEvents
{
    private readonly ClientFlow _flow;
    private readonly int _capacity;
    private readonly List<ClientEventReader> _readers = [];

    // Waits for the first reader; null once it has come.
    private ClientEventReader? _kept;
    private bool _hasEnded;

    internal ClientEvents(ClientFlow flow, string room, int capacity)
    {
        _flow = flow;
        _capacity = capacity;
        Room = room;
        _kept = new ClientEventReader(flow, this, capacity);
        _readers.Add(_kept);
    }

    internal string Room { get; }

    /// <summary>Gets whether anybody would get an event. Caller holds the Gate.</summary>
    internal bool IsRead => _readers.Count > 0;

    /// <summary>Caller holds the Gate.</summary>
    internal void Publish(RoomEvent roomEvent)
    {
        foreach (ClientEventReader reader in _readers)
        {
            reader.Add(roomEvent);
        }
    }

    /// <summary>Caller holds the Gate.</summary>
    internal void End()
    {
        _hasEnded = true;
        foreach (ClientEventReader reader in _readers)
        {
            reader.End();
        }
    }

    /// <summary>Caller holds the Gate.</summary>
    internal void Remove(ClientEventReader reader) => _readers.Remove(reader);

    /// <summary>Subscribes now, whether or not the result is enumerated; cancelling unsubscribes.</summary>
    internal IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ClientEventReader reader = Subscribe();

        // For a reader that is cancelled before it is enumerated; one that is enumerated unsubscribes in its own finally as well.
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((ClientEventReader)state!).Unsubscribe(), reader);
        return Enumerate(reader, registration, cancellationToken);
    }

    private static async IAsyncEnumerable<RoomEvent> Enumerate(
        ClientEventReader reader,
        CancellationTokenRegistration registration,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (await reader.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (reader.TryRead(out RoomEvent? roomEvent))
                {
                    yield return roomEvent!;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            registration.Unregister();
            reader.Unsubscribe();
        }
    }

    private ClientEventReader Subscribe()
    {
        lock (_flow.Gate)
        {
            ClientEventReader? reader = _kept;
            _kept = null;
            if (reader is null)
            {
                reader = new ClientEventReader(_flow, this, _capacity);
                if (_hasEnded)
                {
                    reader.End();
                }
                else
                {
                    _readers.Add(reader);
                }
            }

            reader.Take();
            return reader;
        }
    }
}
