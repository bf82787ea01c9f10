using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;

namespace LanChat.Throughput;

/// <summary>A chat as SignalR's documentation teaches it: a group for each room, and a method by which a client speaks to its group.</summary>
internal sealed class ChatHub : Hub
{
    internal const string Path = "/chat";

    private const string Room = "room";

    private static int _connections;

    /// <summary>Gets how many are connected.</summary>
    internal static int Connections => Volatile.Read(ref _connections);

    public override async Task OnConnectedAsync()
    {
        Interlocked.Increment(ref _connections);
        IQueryCollection query = Context.GetHttpContext()!.Request.Query;
        string room = query[Room].ToString();
        Context.Items[Room] = room;
        if (query["receives"] != "no")
        {
            await Groups.AddToGroupAsync(Context.ConnectionId, room);
        }

        // SignalR answers its handshake before it adds anybody to anything.
        await Clients.Caller.SendAsync("Joined", room);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        Interlocked.Decrement(ref _connections);
        return base.OnDisconnectedAsync(exception);
    }

    public Task SendText(string text) => Clients.Group((string)Context.Items[Room]!).SendAsync("Text", text);
}
