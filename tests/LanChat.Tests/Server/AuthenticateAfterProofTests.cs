using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The app is asked about a caller only when it has proved what the server wants to see proved.</summary>
public sealed class AuthenticateAfterProofTests
{
    [Fact]
    public void Proofs_come_first_and_WELCOME_still_carries_the_servers_own()
    {
        var asked = new List<string>();
        var answer = new TaskCompletionSource<AuthenticationResult>();
        var server = new MemoryServer(ProvingCaller.Options with
        {
            Authenticate = (request, _) =>
            {
                asked.Add(request.Name);
                return new ValueTask<AuthenticationResult>(answer.Task);
            },
        });
        var wrong = new ProvingCaller(server, "bo");
        wrong.ProveWrongly();
        server.Advance(1);
        Assert.Equal(DisconnectReason.NotProved, wrong.Caller.Frames().LastWord());
        var ada = new ProvingCaller(server);
        Assert.Empty(ada.Enter());
        Assert.Equal(["ada"], asked);
        answer.SetResult(AuthenticationResult.Accept());
        server.Run();
        Assert.Equal(32, ada.Caller.Frames().Only(FrameType.Welcome).Welcome.Proofs.Length);

        // A person says the code first; what it says behind it waits.
        MemoryCaller person = server.ConnectPlain();
        person.Say($"/code {ProvingCaller.Code}\nhello\n");
        Assert.Equal(["ada", ""], asked);
        Assert.Contains("ok ", person.Text(), StringComparison.Ordinal);
    }
}
