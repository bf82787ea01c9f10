using System.Runtime.CompilerServices;
using LanChat.Framing;
using LanChat.Samples.Terminal;
using LanChat.Tests.Client;
using Xunit;

namespace LanChat.Tests.Terminal;

/// <summary>An own message is on the screen once, and does not stay on its way, also when the server no longer knows its place.</summary>
public sealed class ConversationTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new(isTls: false);
    private readonly Display _display = new(Make(new NoDevice(), () => { }), Painter.From(name => name == "NO_COLOR" ? "1" : null));
    private ChatClient _client = null!;
    private RoomView _lobby = null!;
    private Conversation _conversation = null!;

    private List<string> Printed => [.. Lines(_display).Select(line => string.Concat(line.Runs.Select(run => run.Text)))];

    public async ValueTask InitializeAsync()
    {
        _client = await _server.WelcomeAsync();
        ChatRoom room = await _server.JoinAsync(_client);
        _conversation = new Conversation(_display, _client, room);
        _lobby = _conversation.Rooms.Current;
    }

    public ValueTask DisposeAsync() => _client.StopAsync(new CancellationToken(true));

    [Fact]
    public void One_that_arrived_nobody_knows_where_is_printed_and_no_longer_on_its_way()
    {
        var message = new OwnMessage("hello", _lobby, "");
        _conversation.Await(message);
        Assert.True(_conversation.Settle(message, SendResult.Accepted(7, 0)));
        Assert.True(_conversation.IsAllSettled);
        Assert.Equal(["ada: hello ✓"], Printed);

        // What is caught up later shows it in its place; it is on the screen already, and the next one is none of its.
        _conversation.Await(new OwnMessage("next", _lobby, ""));
        _conversation.Happen(_lobby, Said("hello", 7, 3, isReplay: true));
        Assert.False(_conversation.IsAllSettled);
        Assert.Single(Printed);

        // From then on ids are no longer those of then.
        _conversation.Happen(_lobby, Said("next", 8, 4, isReplay: false));
        Assert.True(_conversation.IsAllSettled);
        _conversation.Happen(_lobby, Said("of a later session", 7, 5, isReplay: true));
        Assert.Equal(3, Printed.Count);
    }

    [Fact]
    public void One_that_came_before_the_answer_is_printed_by_its_event_alone()
    {
        var message = new OwnMessage("hello", _lobby, "");
        _conversation.Await(message);
        _conversation.Happen(_lobby, Said("hello", 7, 3, isReplay: true));
        Assert.True(_conversation.Settle(message, SendResult.Accepted(7, 0)));
        Assert.True(_conversation.IsAllSettled);
        Assert.Single(Printed);
    }

    private static MessageReceived Said(string text, long id, long sequence, bool isReplay) =>
        new() { Name = "ada", Text = text, Id = id, Sequence = sequence, IsOwn = true, IsReplay = isReplay, Room = "lobby" };

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern RawTerminal Make(ITerminalDevice device, Action changed);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lines")]
    private static extern ref List<StyledLine> Lines(Display display);

    private sealed class NoDevice : ITerminalDevice
    {
        public Size Size => new(80, 24);

        public void SetRaw()
        {
        }

        public void Restore()
        {
        }

        public int Read(Span<byte> buffer) => 0;

        public void Write(ReadOnlySpan<byte> bytes)
        {
        }

        public void Suspend()
        {
        }
    }
}
