using System.Runtime.Versioning;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>A server with a join code, and the operator's token, as their users have them.</summary>
public sealed class JoinCodeSampleTests
{
    [Fact]
    public async Task A_code_that_the_server_made_is_shown_and_lets_in_by_client_and_by_netcat()
    {
        await using SampleServer server = await SampleServer.StartAsync("--join-code", "auto", "--welcome", "come in");
        Assert.Matches("^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$", server.JoinCode);

        SampleProcess ada = server.StartClient("--name", "ada", "--join-code", server.JoinCode.ToLowerInvariant());
        Assert.Equal("come in", await ada.NextLineAsync());
        await ada.LineAsync("* ada joined (1 member)");

        LineCaller person = await server.CallAsync();
        await person.SayAsync("hello");
        Assert.Equal("? 12 this server asks for a join code: say /code CODE first", await person.NextLineAsync());
        await person.SayAsync($"/code {server.JoinCode}");
        Assert.Equal("come in", await person.NextLineAsync());
        await ada.LineEndingAsync("joined (2 members)");
    }

    [Fact]
    public async Task Without_the_code_the_client_says_what_to_do_and_with_a_wrong_one_that_it_is_wrong()
    {
        await using SampleServer server = await SampleServer.StartAsync("--join-code", "auto");

        SampleEnd end = await server.StartClient("--name", "ada").EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.All(["join code", "--join-code"], words => Assert.Contains(words, Assert.Single(end.Errors), StringComparison.Ordinal));

        end = await server.StartClient("--name", "ada", "--join-code", "open sesame").EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("the join code is wrong", Assert.Single(end.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_was_given_is_not_shown_and_may_stand_in_the_environment()
    {
        using var home = new TemporaryDirectory();
        await using SampleProcess server = SampleProcess.StartWith(home.Path, "open sesame", "LanChat.Server", "--port", "0", "--no-discovery");
        string listening = await server.LineAsync(line => line.StartsWith("listening on", StringComparison.Ordinal), "that it listens");
        string port = listening[(listening.LastIndexOf(':') + 1)..];
        await using SampleProcess ada = SampleProcess.StartWith(home.Path, "open sesame", "LanChat.Client", "--server", $"localhost:{port}", "--name", "ada");
        await ada.LineAsync("* ada joined (1 member)");
        await ada.SayAndEndAsync("");
        await ada.EndAsync();

        await server.SayAsync("exit");
        Assert.DoesNotContain((await server.EndAsync()).Lines, line => line.Contains("join code", StringComparison.Ordinal) || line.Contains("sesame", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("LanChat.Server")]
    [InlineData("LanChat.Client")]
    public async Task A_code_that_cannot_be_is_refused_without_being_repeated(string sample)
    {
        string tooLong = new('x', 129);
        SampleEnd byArgument = await SampleProcess.Start(sample, "--join-code", tooLong).EndAsync();
        SampleEnd byVariable = await SampleProcess.StartWith(dataHome: null, tooLong, sample).EndAsync();

        Assert.All([byArgument, byVariable], end =>
        {
            Assert.Equal(1, end.ExitCode);
            Assert.Contains("--join-code", Assert.Single(end.Errors), StringComparison.Ordinal);
            Assert.DoesNotContain("xxx", end.Errors[0], StringComparison.Ordinal);
        });
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_operators_token_is_made_at_the_first_start_for_its_user_alone_and_the_client_proves_it()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        Assert.EndsWith("operator.key", server.OperatorPath, StringComparison.Ordinal);
        Assert.StartsWith(server.DataHome, server.OperatorPath, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.OperatorPath));
        }

        // In the default place, and from a copy.
        await InAsync("--operator");
        using var elsewhere = new TemporaryDirectory();
        string copy = Path.Combine(elsewhere.Path, "copy.key");
        File.Copy(server.OperatorPath, copy);
        await InAsync("--operator", copy);

        string other = Path.Combine(elsewhere.Path, "other.key");
        OperatorToken.LoadOrCreate(other);
        SampleEnd refused = await server.StartClient("--name", "eve", "--operator", other).EndAsync();
        Assert.Contains("operator token is not that of this server", Assert.Single(refused.Errors), StringComparison.Ordinal);
        SampleEnd missing = await server.StartClient("--name", "eve", "--operator", other + ".not").EndAsync();
        Assert.Contains("there is no operator token", Assert.Single(missing.Errors), StringComparison.Ordinal);

        await server.Process.SayAsync("exit");
        string token = (await File.ReadAllTextAsync(server.OperatorPath, TestContext.Current.CancellationToken)).Trim();
        Assert.DoesNotContain((await server.Process.EndAsync()).Lines, line => line.Contains(token, StringComparison.OrdinalIgnoreCase));

        async Task InAsync(params string[] how)
        {
            SampleProcess ada = server.StartClient(["--name", "ada", .. how]);
            await ada.LineAsync("* ada joined (1 member)");
            await ada.SayAndEndAsync("");
            Assert.Equal(0, (await ada.EndAsync()).ExitCode);
        }
    }

    [Fact]
    public async Task With_an_identity_of_its_own_a_server_has_a_token_of_its_own()
    {
        using var identity = new TemporaryDirectory();
        await using SampleServer server = await SampleServer.StartAsync("--identity", identity.Path);
        Assert.Equal(Path.Combine(identity.Path, "operator.key"), server.OperatorPath);

        string chosen = Path.Combine(identity.Path, "chosen.key");
        await using SampleServer other = await SampleServer.StartAsync("--operator", chosen);
        Assert.Equal(chosen, other.OperatorPath);
        Assert.True(File.Exists(chosen));
    }
}
