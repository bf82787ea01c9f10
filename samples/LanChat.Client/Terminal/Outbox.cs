using System.Threading.Channels;

namespace LanChat.Samples.Terminal;

/// <summary>Sends own messages one after the other, so that they keep their order also when the server asks for a slower pace.</summary>
internal sealed class Outbox(ChatClient client, TransportChoice transport, ChannelWriter<ScreenInput> inputs)
{
    /// <summary>How many may wait: more than one types, so what is beyond it waits in the line.</summary>
    internal const int Capacity = 64;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly Channel<OwnMessage> _messages = Channel.CreateBounded<OwnMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    /// <summary>Takes a message, or says that too many wait.</summary>
    internal bool TryPost(OwnMessage message) => _messages.Writer.TryWrite(message);

    /// <summary>Sends until it is stopped, and reports what became of each.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        await foreach (OwnMessage message in _messages.Reader.ReadAllAsync(stop))
        {
            await inputs.WriteAsync(new MessageSettled(message, await SendAsync(message, stop)), stop);
        }
    }

    private async Task<SendResult> SendAsync(OwnMessage message, CancellationToken stop)
    {
        TimeSpan wait = ShortestWait;
        while (true)
        {
            SendResult result = await TrySendAsync(message, stop);
            if (result is not { Outcome: SendOutcome.Rejected, Reason: DisconnectReason.TooFast })
            {
                return result;
            }

            await Task.Delay(wait, stop);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private async Task<SendResult> TrySendAsync(OwnMessage message, CancellationToken stop)
    {
        try
        {
            return message.Command is { } command ? await command(client, stop)
                : message.Room is { } view
                ? await view.Room.SendAsync(message.Text, transport.Next(), stop)
                : await client.SendDirectAsync(message.Member, message.Text, transport.Next(), stop);
        }
        catch (ArgumentException exception)
        {
            // What was typed can be no message at all: that is no reason to end the chat.
            return SendResult.Rejected(0, DisconnectReason.BadText, exception.Message);
        }
    }
}
