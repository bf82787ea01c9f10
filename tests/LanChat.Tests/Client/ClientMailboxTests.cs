using LanChat.Framing;
using Xunit;

namespace LanChat.Tests.Client;

public abstract class ClientMailboxTests(bool isTls)
{
    private readonly ScriptedServer _server = new(isTls);

    [Fact]
    public async Task Mail_is_read_apart_from_the_rooms()
    {
        ChatClient client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(client);
        _server.SendEntry(EntryKind.Direct, 1, "bo", "psst"u8.ToArray(), room: 0);
        _server.SendEntry((EntryKind)99, 2, "bo", [], room: 0);
        _server.SendEntry(EntryKind.Private, 3, "", "be quiet"u8.ToArray(), room: 0);
        _server.Send(new GapFrame { Room = 0, From = 4, To = 6 });
        _server.SendEntry(EntryKind.Direct, 7, "bo", "hey"u8.ToArray(), room: 0);

        List<RoomEvent> mail = await client.ReadDirectAsync().TakeAsync(4);
        Assert.Equal(("bo", "psst", ""), (((DirectReceived)mail[0]).Name, ((DirectReceived)mail[0]).Text, mail[0].Room));
        Assert.Equal("be quiet", ((PrivateNotice)mail[1]).Text);
        Assert.Equal((4, 6), (((Gap)mail[2]).From, ((Gap)mail[2]).To));
        Assert.Equal(7, mail[3].Sequence);
        Assert.Single(await room.ReadAllAsync().TakeAsync(1));
    }
}
