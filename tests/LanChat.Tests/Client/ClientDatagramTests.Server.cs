using System.Text;
using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <content>The server's side: what came by UDP, and what is answered.</content>
public sealed partial class ClientDatagramTests
{
    private ChatClientOptions Options => new() { Name = "ada", TimeProvider = _time };

    private async Task<ChatRoom> JoinedAsync() => await _server.JoinAsync(await _server.WelcomeAsync(Options, heartbeatMs: 3_600_000));

    private DatagramNetworkEnd OpenEnd()
    {
        DatagramNetworkEnd end = _network.OpenClient();
        _ends.Add(end);
        return end;
    }

    // A message that goes by UDP in vain; its entry comes in the end.
    private async Task FailAsync(ChatRoom room, ulong id, ulong sequence = 0)
    {
        Task<SendResult> sending = room.SendAsync($"{id}", MessageTransport.Udp).AsTask();
        _time.Advance(3 * FirstTimeout);
        Assert.Equal(3, Sent().Count);
        await EndByTcpAsync(sending, id, sequence);
    }

    private async Task GoByTcpAsync(ChatRoom room, ulong id)
    {
        Task<SendResult> sending = room.SendAsync($"{id}", MessageTransport.Udp).AsTask();
        Assert.Empty(Sent());
        await EndByTcpAsync(sending, id, sequence: 0);
    }

    private async Task EndByTcpAsync(Task<SendResult> sending, ulong id, ulong sequence)
    {
        Assert.Equal(id, (await _server.NextAsync())!.Publish.Id);
        _server.SendMessage(sequence == 0 ? id + 1 : sequence, "ada", $"{id}", id);
        Assert.True((await sending.Soon()).IsAccepted);
    }

    // What has reached the server's port since.
    private List<WireFrame> Sent()
    {
        _network.Pump();
        List<WireFrame> frames = [.. _port.Received.Select(datagram =>
        {
            byte[] frame = new byte[DatagramLayout.FrameBytes(datagram.Length)];
            Assert.True(DatagramLayout.TryRead(datagram, out ulong connection, out ulong counter));
            Assert.Equal(Connection, connection);
            Assert.Equal(DatagramDefect.None, _keys.Open(datagram, counter, frame));
            return new WireFrame(frame[0], frame[1..]);
        })];
        _port.Received.Clear();
        return frames;
    }

    private byte[] Seal<T>(in T frame)
        where T : struct, IFrame<T>, allows ref struct
    {
        frame.WriteTo(_writer);
        return _keys.Seal(_writer, Connection).ToArray();
    }

    private void Answer<T>(in T frame)
        where T : struct, IFrame<T>, allows ref struct => Deliver(Seal(in frame));

    private void Deliver(byte[] datagram) => _ends[^1].Deliver(datagram, _port.Address);

    private static (uint Room, ulong Id, string Text) PublishOf(WireFrame frame)
    {
        PublishFrame publish = frame.Decode<PublishFrame>();
        return (publish.Room, publish.Id, Encoding.UTF8.GetString(publish.Body));
    }
}
