using System.Globalization;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>One of those who talk while they are cut off: says its numbers in order, and checks everybody's.</summary>
internal sealed class CutMember(ChatClient client, ChatRoom room, int number, int members, int each) : IAsyncDisposable
{
    // Several messages are on their way at any time, so that each cut finds some.
    private const int Window = 8;

    // The number that is next from each; and where the room has our own.
    private readonly int[] _next = new int[members];
    private readonly long[] _heardAt = new long[each];
    private readonly long[] _confirmedAt = new long[each];

    /// <summary>Gets how often it was cut off and came back.</summary>
    internal int Resumes { get; private set; }

    /// <summary>Gets a number for all that was heard, in its order.</summary>
    internal ulong Order { get; private set; } = 14695981039346656037;

    internal async Task TalkAsync(Action confirmed)
    {
        for (int first = 0; first < each; first += Window)
        {
            int count = Math.Min(Window, each - first);
            Task<SendResult>[] sends = [.. Enumerable.Range(first, count).Select(i => room.SendAsync($"{number}:{i}").AsTask())];
            for (int i = 0; i < count; i++)
            {
                SendResult sent = await sends[i].WaitAsync(Den.Patience);
                Assert.True(sent.IsAccepted, $"{number}:{first + i}: {sent.Outcome} {sent.Reason} {sent.Text}; the client is {client.State}: {client.DisconnectText}");
                _confirmedAt[first + i] = sent.Sequence;
                confirmed();
            }
        }
    }

    /// <summary>Reads until everybody's last number was heard.</summary>
    internal async Task ReadAsync()
    {
        long last = 0;
        int left = members * each;
        await foreach (RoomEvent e in room.ReadAllAsync())
        {
            Assert.False(e is Gap or Reset, $"{number} was told of {e}.");
            Resumes += e is Resumed ? 1 : 0;
            if (e is not MessageReceived message)
            {
                continue;
            }

            Assert.True(message.Sequence > last, $"{number} heard {message.Sequence} after {last}.");
            last = message.Sequence;
            Note(message);
            if (--left == 0)
            {
                return;
            }
        }

        Assert.Fail($"{number}'s events ended with {left} messages to come: {await client.Completion} {client.DisconnectText}.");
    }

    /// <summary>Each of our own messages is where its confirmation said; 0 is one whose place the server did not know any more.</summary>
    internal void AssertConfirmedIsHeard()
    {
        for (int i = 0; i < each; i++)
        {
            Assert.True(_confirmedAt[i] == _heardAt[i] || _confirmedAt[i] == 0, $"{number}:{i} was confirmed at {_confirmedAt[i]} and heard at {_heardAt[i]}.");
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private void Note(MessageReceived message)
    {
        int colon = message.Text.IndexOf(':', StringComparison.Ordinal);
        int sender = int.Parse(message.Text.AsSpan(0, colon), CultureInfo.InvariantCulture);
        int count = int.Parse(message.Text.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        Assert.True(count == _next[sender], $"{number} heard {message.Text} where {sender}:{_next[sender]} was due.");
        _next[sender]++;
        Order = (Order ^ (ulong)message.Sequence ^ ((ulong)sender << 48)) * 1099511628211;
        if (sender == number)
        {
            _heardAt[count] = message.Sequence;
        }
    }
}
