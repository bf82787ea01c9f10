using Xunit;

namespace LanChat.Tests.Endurance;

/// <summary>Makes each <see cref="Trouble"/> from inside a reading loop.</summary>
internal sealed class TroubleMaker(Den den) : IDisposable
{
    /// <summary>The name of the member that <see cref="Trouble.KicksAnother"/> has kicked.</summary>
    internal const string Victim = "victim";

    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _later = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the moment in which the first loop is stuck for ever.</summary>
    internal Task Begun => _begun.Task;

    /// <summary>Lets those go on that are stuck.</summary>
    internal void Release()
    {
        _release.Set();
        _later.TrySetResult();
    }

    /// <summary>Makes it in a loop of a client.</summary>
    internal async Task ActAsync(Trouble trouble, ChatClient client, ChatRoom room)
    {
        switch (trouble)
        {
            case Trouble.Sends:
                SendResult sent = await room.SendAsync("from inside");
                Assert.True(sent.IsAccepted, $"{sent.Outcome} {sent.Reason}");
                break;
            case Trouble.Leaves:
                await room.LeaveAsync();
                break;
            case Trouble.Stops:
                await client.StopAsync();
                break;
            case Trouble.Disposes:
                await client.DisposeAsync();
                await client.DisposeAsync();
                break;
            case Trouble.KicksItself:
                await den.Server.KickAsync(client.Name);
                break;
            default:
                await ActOnServerAsync(trouble);
                break;
        }
    }

    /// <summary>Makes it in a loop of the server, which has no connection of its own.</summary>
    internal async Task ActOnServerAsync(Trouble trouble)
    {
        switch (trouble)
        {
            case Trouble.Throws:
                throw new InvalidDataException("the application's own");
            case Trouble.BlocksItsThread:
                _begun.TrySetResult();
                _release.Wait();
                break;
            case Trouble.AwaitsForEver:
                _begun.TrySetResult();
                await _later.Task;
                break;
            case Trouble.Sends:
                await den.Server.NoticeAsync("lobby", "from inside");
                break;
            case Trouble.KicksAnother:
                await den.Server.KickAsync(Victim);
                break;
            case Trouble.StopsTheServer:
                await den.Server.StopAsync();
                await den.Server.DisposeAsync();
                break;
        }
    }

    public void Dispose() => _release.Dispose();
}
