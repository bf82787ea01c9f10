using LanChat.Datagrams;
using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <content>Answers that are none.</content>
public sealed partial class ClientDatagramTests
{
    [Fact]
    public async Task Answers_that_are_forged_replayed_foreign_or_for_no_id_change_nothing()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        Sent();
        byte[] stray = Seal(new AckFrame { Id = 99, Sequence = 2 });
        Deliver(stray);
        Deliver(stray);
        Deliver([]);
        Deliver(new byte[1201]);
        Deliver(Seal(new ByeFrame { Code = 8 }));
        byte[] forged = Seal(new AckFrame { Id = 1, Sequence = 2 });
        forged[^1] ^= 1;
        Deliver(forged);
        forged[^1] ^= 1;
        forged[DatagramLayout.ConnectionAt] ^= 1;
        Deliver(forged);
        Assert.False(sending.IsCompleted);
        forged[DatagramLayout.ConnectionAt] ^= 1;
        Deliver(forged);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
    }

    [Fact]
    public async Task Beyond_so_many_forged_answers_none_is_opened_and_the_message_goes_by_TCP()
    {
        ChatRoom room = await JoinedAsync();
        Task<SendResult> sending = room.SendAsync("hello", MessageTransport.Udp).AsTask();
        byte[] forged = Seal(new AckFrame { Id = 1, Sequence = 2 });
        forged[^1] ^= 1;
        for (int i = 0; i <= ForgeryLimit.PerSecond; i++)
        {
            Deliver(forged);
        }

        Answer(new AckFrame { Id = 1, Sequence = 2 });
        _time.Advance(3 * FirstTimeout);
        Assert.Equal((1u, 1UL, (byte)0, "hello"), (await _server.NextAsync())!.Publish);
        _server.SendMessage(2, "ada", "hello", id: 1);
        Assert.Equal(SendResult.Accepted(1, 2), await sending.Soon());
    }
}
