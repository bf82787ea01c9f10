using System.Net;
using System.Text;
using LanChat.Framing;
using LanChat.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>What comes about while a caller proves something, or the app is asked about it, holds for it as for those who come later.</summary>
public sealed class BetweenHelloAndWelcomeTests
{
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.7");

    private readonly List<TaskCompletionSource<AuthenticationResult>> _answers = [];
    private readonly List<string> _asked = [];

    [Fact]
    public void An_address_that_is_banned_while_its_caller_proves_does_not_get_in()
    {
        var server = new MemoryServer(ProvingCaller.Options with { AllowPlaintext = true });
        var ada = new ProvingCaller(server, address: Far);
        byte wanted = ada.SayHello(HelloFrame.OperatorFlag);
        Ban(server);
        ada.Caller.Say(ada.RightProve(wanted));
        Assert.Equal(DisconnectReason.Banned, ada.Caller.Frames().LastWord());
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact]
    public void An_address_that_is_banned_while_the_app_is_asked_does_not_get_in()
    {
        MemoryServer server = Serve();
        MemoryCaller ada = Hello(server, "ada", Far);
        MemoryCaller person = server.ConnectPlain(Far);
        person.Say("hello\n");
        Ban(server);
        Assert.Equal(2, _asked.Count);
        Accept(server);
        Assert.Equal(DisconnectReason.Banned, ada.Frames().LastWord());
        Assert.StartsWith("bye: banned", Assert.Single(person.Lines()), StringComparison.Ordinal);
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact]
    public void Waiting_for_the_app_is_no_silence()
    {
        MemoryServer server = Serve(Callers.Patient with { HeartbeatInterval = TimeSpan.FromSeconds(1) });
        MemoryCaller ada = Hello(server, "ada");
        server.Advance(5);
        Accept(server);
        Assert.Equal(FrameType.Welcome, Assert.Single(ada.Frames()).Type);
        server.Advance(1.9);
        Assert.Empty(ada.Frames());
        server.Advance(0.2);
        Assert.Equal(DisconnectReason.HeartbeatLost, ada.Frames().LastWord());
    }

    [Theory]
    [InlineData("ade\u0301", "ad\u00E9")]
    [InlineData("\u212Bda", "\u00C5da")]
    [InlineData("no\nname", "no name")]
    [InlineData("", "")]
    public void The_app_is_asked_about_the_name_that_the_session_would_have(string wanted, string asked)
    {
        MemoryServer server = Serve();
        MemoryCaller caller = Hello(server, wanted);
        Assert.Equal([asked], _asked);
        Accept(server);
        List<WireFrame> frames = caller.Frames();
        if (asked.Length > 0 && !asked.Contains(' ', StringComparison.Ordinal))
        {
            Assert.Equal(asked, Encoding.UTF8.GetString(frames.Only(FrameType.Welcome).Welcome.YourName));
        }
    }

    private static void Ban(MemoryServer server)
    {
        Assert.True(SessionNames.TryCreate("bo", out SessionName? bo));
        Assert.True(server.Context.Bans.TryAdd(bo));
        server.Context.Bans.AddAddress(bo.Key, Far);
    }

    private static MemoryCaller Hello(MemoryServer server, string name, IPAddress? address = null)
    {
        MemoryCaller caller = server.ConnectPlain(address);
        caller.Say(WireFrame.Hello(name));
        return caller;
    }

    private void Accept(MemoryServer server)
    {
        _answers.ForEach(answer => answer.SetResult(AuthenticationResult.Accept()));
        server.Run();
    }

    private MemoryServer Serve(ChatServerOptions? options = null) => new((options ?? Callers.Patient) with
    {
        AllowPlaintext = true,
        Authenticate = (request, _) =>
        {
            _asked.Add(request.Name);
            _answers.Add(new TaskCompletionSource<AuthenticationResult>());
            return new ValueTask<AuthenticationResult>(_answers[^1].Task);
        },
    });
}
