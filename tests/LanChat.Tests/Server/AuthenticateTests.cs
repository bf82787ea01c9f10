using System.Text;
using LanChat.Framing;
using LanChat.Tests.Sessions;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>The app decides who gets in: <see cref="ChatServerOptions.Authenticate"/>, called for each new session, off the loops.</summary>
public abstract class AuthenticateTests(bool tls)
{
    [Fact]
    public void The_app_is_told_who_asks_and_may_accept_rename_or_refuse()
    {
        var asked = new List<string>();
        MemoryServer server = Serve((request, _) =>
        {
            string secret = Encoding.UTF8.GetString(request.Credential.Span);
            asked.Add($"{request.Name} {secret} {request.RemoteEndPoint?.Address} {request.IsEncrypted} {request.IsText}");
            Assert.DoesNotContain("open", request.ToString(), StringComparison.Ordinal);
            return ValueTask.FromResult(secret switch
            {
                "open" => AuthenticationResult.Accept(),
                "guest" => AuthenticationResult.Accept("visitor-1"),
                _ => AuthenticationResult.Reject(DisconnectReason.NotPermitted, "no\nentry"),
            });
        });

        Assert.Equal("ada", Name(Join(server, "ada", "open")));
        Assert.Equal("visitor-1", Name(Join(server, "bo", "guest")));
        List<WireFrame> refused = Join(server, "cy", "").Frames();
        Assert.Equal(DisconnectReason.NotPermitted, refused.LastWord());
        Assert.Equal("no entry", Encoding.UTF8.GetString(refused[^1].Bye.Text));
        Assert.Equal([$"ada open 127.0.0.1 {tls} False", $"bo guest 127.0.0.1 {tls} False", $"cy  127.0.0.1 {tls} False"], asked);
        Assert.Equal(["ada", "visitor-1"], server.Members());
    }

    [Fact]
    public void A_person_is_shown_nothing_before_the_app_has_answered()
    {
        var answer = new TaskCompletionSource<AuthenticationResult>();
        MemoryServer server = Serve((request, _) =>
        {
            Assert.True(request is { IsText: true, Name: "", Credential.IsEmpty: true });
            return new ValueTask<AuthenticationResult>(answer.Task);
        });
        MemoryCaller person = server.ConnectPlain();
        person.Say("hello\nagain\n/who\n");
        Assert.Equal("", person.Text());
        Assert.Empty(server.Members());
        answer.SetResult(AuthenticationResult.Accept("bo"));
        server.Run();
        Assert.Equal(["hi", "* bo joined (1 member)", "ok 2", "ok 3", "* 1 member: bo"], person.Lines());
    }

    [Fact]
    public void A_person_who_has_ended_its_side_still_gets_its_answers()
    {
        var answer = new TaskCompletionSource<AuthenticationResult>();
        MemoryServer server = Serve((_, _) => new ValueTask<AuthenticationResult>(answer.Task));
        MemoryCaller person = server.ConnectPlain();
        person.Say("hello\nand more");
        person.Client.End();
        server.Run();
        Assert.Equal("", person.Text());
        answer.SetResult(AuthenticationResult.Accept());
        server.Run();
        Assert.Equal(["hi", "* guest-1 joined (1 member)", "ok 2", "ok 3", "bye: goodbye"], person.Lines().Where(line => !line.Contains("left", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_silent_person_is_asked_about_after_its_two_seconds_and_a_refused_one_is_told_so()
    {
        MemoryServer server = Serve((_, _) => ValueTask.FromResult(AuthenticationResult.Reject(text: "members only")));
        MemoryCaller person = server.ConnectPlain();
        server.Advance(2.1);
        Assert.Equal(["bye: not proved: members only"], person.Lines());
    }

    [Fact]
    public void Too_much_behind_HELLO_in_one_piece_ends_the_connection_at_once()
    {
        var answer = new TaskCompletionSource<AuthenticationResult>();
        MemoryServer server = Serve((_, _) => new ValueTask<AuthenticationResult>(answer.Task));
        MemoryCaller ada = server.ConnectPlain();
        ada.Say([.. Hello("ada", ""), .. Enumerable.Repeat(WireFrame.Goodbye(), 20_000).SelectMany(frame => frame)]);
        Assert.Equal(DisconnectReason.TooFast, ada.Frames().LastWord());
    }

    [Fact]
    public void What_is_said_behind_HELLO_waits_for_the_answer_and_others_do_not()
    {
        var answers = new Queue<TaskCompletionSource<AuthenticationResult>>();
        MemoryServer server = Serve((request, _) =>
        {
            if (request.Name == "bo")
            {
                return ValueTask.FromResult(AuthenticationResult.Accept());
            }

            answers.Enqueue(new TaskCompletionSource<AuthenticationResult>());
            return new ValueTask<AuthenticationResult>(answers.Peek().Task);
        });
        MemoryCaller ada = server.Connect();
        ada.Say([.. Hello("ada", "x"), .. WireFrame.Join("lobby"), .. WireFrame.Publish(1, 1, "one")[..7]]);
        ada.Say(WireFrame.Publish(1, 1, "one").AsSpan(7));
        Assert.Empty(ada.Frames());

        // Not a deadline of anything else holds meanwhile.
        server.Advance(8);
        Assert.Equal("bo", Name(Join(server, "bo", "x")));
        Assert.Empty(ada.Frames());
        answers.Dequeue().SetResult(AuthenticationResult.Accept());
        server.Run();
        List<WireFrame> frames = ada.Frames();
        frames.Only(FrameType.Welcome);
        Assert.Equal(["one"], frames.Texts());
    }

    [Fact]
    public void Too_much_said_before_the_answer_ends_the_caller()
    {
        MemoryServer server = Serve((_, _) => new ValueTask<AuthenticationResult>(new TaskCompletionSource<AuthenticationResult>().Task));
        MemoryCaller ada = server.Connect();
        ada.Say(Hello("ada", "x"));
        for (int i = 0; i < 70; i++)
        {
            ada.Say(new byte[1024]);
        }

        Assert.Equal(DisconnectReason.TooFast, ada.Frames().LastWord());
    }

    [Fact]
    public void An_app_that_does_not_answer_in_time_is_no_and_is_told_to_stop()
    {
        CancellationToken told = default;
        var late = new TaskCompletionSource<AuthenticationResult>();
        MemoryServer server = Serve((_, token) =>
        {
            told = token;
            return new ValueTask<AuthenticationResult>(late.Task);
        });
        MemoryCaller ada = server.Connect();
        ada.Say(Hello("ada", "x"));
        server.Advance(9.9);
        Assert.Empty(ada.Frames());
        Assert.False(told.IsCancellationRequested);
        server.Advance(0.2);
        Assert.Equal(DisconnectReason.NotProved, ada.Frames().LastWord());
        Assert.True(told.IsCancellationRequested);
        late.SetResult(AuthenticationResult.Accept());
        server.Run();
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact]
    public void The_app_is_told_to_stop_when_the_caller_goes_or_the_server_stops()
    {
        var tokens = new List<CancellationToken>();
        MemoryServer server = Serve((_, token) =>
        {
            tokens.Add(token);
            return new ValueTask<AuthenticationResult>(new TaskCompletionSource<AuthenticationResult>().Task);
        });
        MemoryCaller ada = server.Connect();
        ada.Say(Hello("ada", "x"));
        Assert.False(tokens[0].IsCancellationRequested);
        ada.Client.Reset();
        server.Run();
        Assert.True(tokens[0].IsCancellationRequested);

        MemoryCaller bo = server.Connect();
        bo.Say(Hello("bo", "x"));
        _ = server.Host.StopAsync(TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(() => { server.Run(); return tokens[1].IsCancellationRequested; }, TimeSpan.FromSeconds(20)));
        Assert.Equal(DisconnectReason.ServerStopping, bo.Frames().LastWord());
    }

    [Fact]
    public void An_app_that_throws_refuses_and_its_exception_is_logged()
    {
        var log = new RecordingLoggerFactory();
        MemoryServer server = Serve((request, _) => request.Name == "ada" ? throw new InvalidOperationException("at once") : Later(), Callers.Patient with { LoggerFactory = log });
        Assert.Equal(DisconnectReason.NotProved, Join(server, "ada", "x").Frames().LastWord());
        Assert.Equal(DisconnectReason.NotProved, Join(server, "bo", "x").Frames().LastWord());
        Assert.Equal(2, log.Logger.Lines.Count(line => line.Text.Contains("Authenticate failed", StringComparison.Ordinal)));

        static async ValueTask<AuthenticationResult> Later()
        {
            await Task.CompletedTask;
            throw new InvalidOperationException("later");
        }
    }

    [Fact]
    public void So_many_calls_run_at_once_and_the_others_wait_in_order()
    {
        var running = new List<(string Name, TaskCompletionSource<AuthenticationResult> Answer)>();
        MemoryServer server = Serve(
            (request, _) =>
            {
                running.Add((request.Name, new TaskCompletionSource<AuthenticationResult>()));
                return new ValueTask<AuthenticationResult>(running[^1].Answer.Task);
            },
            Callers.Patient with { MaxAuthentications = 2 });
        MemoryCaller[] callers = [.. new[] { "a1", "a2", "a3", "a4", "a5" }.Select(name => Join(server, name, "x"))];
        Assert.Equal(["a1", "a2"], running.Select(one => one.Name));

        // One that goes while it waits is never asked about; one that goes while it is asked about keeps its turn.
        callers[2].Client.Reset();
        callers[0].Client.Reset();
        server.Run();
        Assert.Equal(2, running.Count);
        running[0].Answer.SetResult(AuthenticationResult.Accept());
        server.Run();
        Assert.Equal(["a1", "a2", "a4"], running.Select(one => one.Name));
        running[2].Answer.SetResult(AuthenticationResult.Accept());
        running[1].Answer.SetResult(AuthenticationResult.Accept());
        server.Run();
        running[3].Answer.SetResult(AuthenticationResult.Accept());
        server.Run();
        Assert.Equal(["a2", "a4", "a5"], server.Members().Order());
    }

    [Fact]
    public void Who_comes_back_is_not_asked_about_again_and_a_forgotten_session_is()
    {
        int asked = 0;
        MemoryServer server = Serve(
            (_, _) =>
            {
                asked++;
                return ValueTask.FromResult(AuthenticationResult.Accept());
            },
            new ChatServerOptions { Loops = 2, HeartbeatInterval = TimeSpan.FromHours(1) });
        var ada = new ReturningCaller(server, "ada");
        ada.Lose();
        ada.Return().Only(FrameType.Welcome);
        Assert.Equal(1, asked);
        ada.Id = 42;
        ada.Return().Only(FrameType.Bye);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void The_credential_is_overwritten_when_the_app_has_answered()
    {
        ReadOnlyMemory<byte> kept = default;
        MemoryServer server = Serve((request, _) =>
        {
            kept = request.Credential;
            Assert.False(kept.IsEmpty);
            return ValueTask.FromResult(AuthenticationResult.Accept());
        });
        Join(server, "ada", "secret").Frames().Only(FrameType.Welcome);
        Assert.Equal(new byte[6], kept.ToArray());
    }

    [Fact]
    public void A_name_that_the_app_gives_follows_the_name_rule_and_a_default_answer_is_no()
    {
        MemoryServer server = Serve((request, _) => ValueTask.FromResult(request.Name == "ada" ? AuthenticationResult.Accept("not a name") : default));
        Assert.Equal(DisconnectReason.BadName, Join(server, "ada", "x").Frames().LastWord());
        Assert.Equal(DisconnectReason.NotProved, Join(server, "bo", "x").Frames().LastWord());
        Assert.Throws<ArgumentOutOfRangeException>(() => AuthenticationResult.Reject(DisconnectReason.Aborted));
    }

    private MemoryServer Serve(Func<AuthenticationRequest, CancellationToken, ValueTask<AuthenticationResult>> hook, ChatServerOptions? options = null) =>
        new((options ?? Callers.Patient) with { Authenticate = hook, Welcome = "hi" }, tls);

    private static byte[] Hello(string name, string credential) =>
        WireFrame.Bytes(new HelloFrame { Version = 1, Name = Encoding.UTF8.GetBytes(name), Credential = Encoding.UTF8.GetBytes(credential) });

    private static MemoryCaller Join(MemoryServer server, string name, string credential)
    {
        MemoryCaller caller = server.Connect();
        caller.Say([.. Hello(name, credential), .. WireFrame.Join("lobby")]);
        return caller;
    }

    private static string Name(MemoryCaller caller) => Encoding.UTF8.GetString(caller.Frames().Only(FrameType.Welcome).Welcome.YourName);
}

/// <inheritdoc/>
public sealed class AuthenticateOverPlainTests() : AuthenticateTests(tls: false);

/// <inheritdoc/>
public sealed class AuthenticateOverTlsTests() : AuthenticateTests(tls: true);
