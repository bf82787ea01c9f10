using System.Net.Sockets;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Somebody who comes, says a word or two and goes, in one of all ways there are.</summary>
internal sealed class Visitor(Den den, Random random, string name, IReadOnlyList<string> rooms)
{
    private static readonly string[] Descriptions = ["goodbyes", "left first", "resets", "ends without a goodbye", "kicked", "said nothing"];

    internal static int Ways => Descriptions.Length;

    /// <summary>Gets how the visit ends.</summary>
    internal int Way { get; } = random.Next(Descriptions.Length);

    internal static string Describe(int way) => Descriptions[way];

    /// <summary>Comes and goes; false when the name was taken.</summary>
    internal async Task<bool> VisitAsync()
    {
        if (Way == 5)
        {
            await KnockAsync();
            return true;
        }

        // One in eight over TLS: a handshake costs more than the whole visit.
        ChatClientOptions options = TestClient.Options with
        {
            Name = name,
            Plaintext = random.Next(8) > 0,
            ConnectTimeout = Den.Patience,
            MaxBufferedEvents = 64,
            Reconnect = false,
            TimeProvider = den.Host.Context.Options.TimeProvider,
        };
        (ChatClient client, Socket socket) = (null!, null!);
        try
        {
            (client, socket) = await den.ConnectBreakableAsync(options);
        }
        catch (ChatException e) when (e.Reason == DisconnectReason.NameInUse)
        {
            return false;
        }

        await using (client)
        {
            await TalkAndGoAsync(client, socket);
        }

        return true;
    }

    private async Task TalkAndGoAsync(ChatClient client, Socket socket)
    {
        var joined = new List<ChatRoom>();
        foreach (string room in rooms.Take(1 + random.Next(rooms.Count)))
        {
            joined.Add(await client.JoinAsync(room).AsTask().WaitAsync(Den.Patience));
            if (random.Next(2) == 0)
            {
                SendResult sent = await joined[^1].SendAsync("hello").AsTask().WaitAsync(Den.Patience);
                Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason} {sent.Text}");
            }
        }

        switch (Way)
        {
            case 0:
                await client.StopAsync().AsTask().WaitAsync(Den.Patience);
                break;
            case 1:
                await Task.WhenAll(joined.Select(room => room.LeaveAsync().AsTask())).WaitAsync(Den.Patience);
                break;
            case 2:
                socket.Close(0);
                break;
            case 3:
                socket.Close();
                break;
            case 4:
                Assert.True(await den.Server.KickAsync(client.Name, "next, please").AsTask().WaitAsync(Den.Patience));
                Assert.Equal(DisconnectReason.Kicked, await client.Completion.WaitAsync(Den.Patience));
                break;
        }
    }

    // A port scan, a health check, a hand that let go too early.
    private async Task KnockAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(den.EndPoint);
        byte[] hello = WireFrame.Hello(name);
        await socket.SendAsync(hello.AsMemory(0, random.Next(hello.Length)));
        socket.Close(random.Next(2) - 1);
    }
}
