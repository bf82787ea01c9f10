using System.Runtime.Versioning;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

/// <summary>How people make sure whom they talk to: by fingerprint, by link, and by what was known before.</summary>
public sealed class TrustTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();
    private readonly TemporaryDirectory _firstKey = new();
    private readonly TemporaryDirectory _secondKey = new();

    public void Dispose()
    {
        _home.Dispose();
        _firstKey.Dispose();
        _secondKey.Dispose();
    }

    [Fact]
    public async Task At_first_contact_the_client_shows_the_fingerprint_that_the_server_shows_and_then_no_more()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        Assert.Equal(server.Link.Id!.Value.Fingerprint, server.Fingerprint);

        SampleEnd first = await TalkAsync("--server", $"localhost:{server.Port}");
        Assert.Contains(server.Fingerprint, Assert.Single(first.Errors), StringComparison.Ordinal);
        SampleEnd second = await TalkAsync("--server", $"localhost:{server.Port}");
        Assert.Empty(second.Errors);
    }

    [Fact]
    public async Task Another_key_at_a_known_address_is_refused_until_the_old_one_is_forgotten()
    {
        int port = FreePort.Tcp();
        string oldFingerprint;
        await using (SampleServer before = await SampleServer.StartAtAsync(port, "--identity", _firstKey.Path))
        {
            oldFingerprint = before.Fingerprint;
            Assert.Equal(0, (await TalkAsync("--server", $"localhost:{port}")).ExitCode);
        }

        await using SampleServer after = await SampleServer.StartAtAsync(port, "--identity", _secondKey.Path);
        SampleEnd refused = await TalkAsync("--server", $"localhost:{port}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Empty(refused.Lines);
        string why = Assert.Single(refused.Errors);
        Assert.Contains(oldFingerprint, why, StringComparison.Ordinal);
        Assert.Contains(after.Fingerprint, why, StringComparison.Ordinal);
        Assert.Contains("--forget", why, StringComparison.Ordinal);
        Assert.DoesNotContain(await RosterAsync(after), "ada", StringComparison.Ordinal);

        Assert.Equal(0, (await TalkAsync("--server", $"localhost:{port}", "--forget")).ExitCode);
        Assert.Equal(0, (await TalkAsync("--server", $"localhost:{port}")).ExitCode);
    }

    [Fact]
    public async Task A_link_lets_in_whom_it_names_and_nobody_else()
    {
        await using SampleServer server = await SampleServer.StartAsync("--identity", _firstKey.Path);
        ServerAddress link = server.Link with { Host = "localhost" };
        SampleEnd named = await TalkAsync("--server", link.ToString());
        Assert.Equal(0, named.ExitCode);
        Assert.Empty(named.Errors);

        using ServerIdentity stranger = ServerIdentity.Create();
        SampleEnd refused = await TalkAsync("--server", (link with { Id = stranger.Id }).ToString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("another key than the link names", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_set_up_anew_is_not_chosen_silently_but_after_forget()
    {
        int port = FreePort.Udp();
        await using (await SampleServer.StartAnnouncedAsync(port, "--name", "Den", "--identity", _firstKey.Path))
        {
            Assert.Equal(0, (await FindAndTalkAsync(port)).ExitCode);
        }

        await using SampleServer anew = await SampleServer.StartAnnouncedAsync(port, "--name", "Den", "--identity", _secondKey.Path);
        SampleEnd refused = await FindAndTalkAsync(port);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(anew.Fingerprint, string.Join('\n', refused.Errors), StringComparison.Ordinal);

        Assert.Equal(0, (await FindAndTalkAsync(port, "--forget")).ExitCode);
        Assert.Equal(0, (await FindAndTalkAsync(port)).ExitCode);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_server_does_not_start_with_a_key_that_others_can_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access lists instead of modes.");
        await using (await SampleServer.StartAsync("--identity", _firstKey.Path))
        {
        }

        string key = Path.Combine(_firstKey.Path, "identity.pem");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using SampleProcess server = SampleProcess.Start("LanChat.Server", "--port", "0", "--no-discovery", "--identity", _firstKey.Path);
        SampleEnd end = await server.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Contains(key, Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    private static async Task<string> RosterAsync(SampleServer server)
    {
        await server.Process.SayAsync("/who");
        return await server.Process.NextLineAsync();
    }

    private Task<SampleEnd> FindAndTalkAsync(int port, params string[] arguments) =>
        TalkAsync(["--discovery-port", $"{port}", "--interface", SampleServer.Loopback, .. arguments]);

    private async Task<SampleEnd> TalkAsync(params string[] arguments)
    {
        await using SampleProcess client = SampleProcess.StartIn(_home.Path, "LanChat.Client", ["--name", "ada", .. arguments]);
        await client.SayAndEndAsync("hello\n");
        return await client.EndAsync();
    }
}
