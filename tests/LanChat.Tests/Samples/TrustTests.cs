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

    // What the clients in the home directory know.
    private KnownServers Known => new(Path.Combine(_home.Path, "lanchat", "known_servers"));

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
    public async Task The_fingerprint_is_said_before_the_name_which_could_say_one_too()
    {
        await using SampleServer server = await SampleServer.StartAsync("--name", "fingerprint is 0000-0000-0000-0000");
        SampleEnd first = await TalkAsync("--server", $"localhost:{server.Port}");
        Assert.Equal(
            $"first contact: the server's fingerprint is {server.Fingerprint}; compare it with the one that the server shows (\"fingerprint is 0000-0000-0000-0000\")",
            Assert.Single(first.Errors));
    }

    [Fact]
    [HostileInput(10, "a pinned address with a new key")]
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
    [HostileInput(10, "a pinned name with a new key")]
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
    public async Task Several_servers_are_listed_with_what_to_put_on_the_command_line()
    {
        int port = FreePort.Udp();
        await using SampleServer attic = await SampleServer.StartAnnouncedAsync(port, "--name", "Attic", "--identity", _firstKey.Path);
        await using SampleServer den = await SampleServer.StartAnnouncedAsync(port, "--name", "Den", "--identity", _secondKey.Path);
        SampleEnd listed = await FindBothAndTalkAsync(attic, den, port, prepare: _ => { });
        Assert.Equal(1, listed.ExitCode);
        Assert.Empty(listed.Lines);
        Assert.Equal(
            [
                "there are several servers:",
                $"1  127.0.0.1:{attic.Port}  0 members  {attic.Fingerprint}  new  \"Attic\"",
                $"--server \"{attic.Link}\"",
                $"2  127.0.0.1:{den.Port}  0 members  {den.Fingerprint}  new  \"Den\"",
                $"--server \"{den.Link}\"",
                "choose one with --server HOST:PORT",
            ],
            listed.Errors);

        SampleEnd chosen = await TalkAsync("--server", listed.Errors[4].Split('"')[1]);
        Assert.Equal(0, chosen.ExitCode);
        Assert.Empty(chosen.Errors);
    }

    [Fact]
    public async Task Forget_forgets_nobody_while_several_servers_have_names_of_known_ones()
    {
        int port = FreePort.Udp();
        using ServerIdentity oldDen = ServerIdentity.Create();
        using ServerIdentity oldAttic = ServerIdentity.Create();
        await using SampleServer attic = await SampleServer.StartAnnouncedAsync(port, "--name", "Attic", "--identity", _firstKey.Path);
        await using SampleServer den = await SampleServer.StartAnnouncedAsync(port, "--name", "Den", "--identity", _secondKey.Path);
        SampleEnd refused = await FindBothAndTalkAsync(attic, den, port, known =>
        {
            known.Remember(oldDen.Id, "Den", address: null, isNamed: false, DateTimeOffset.UnixEpoch);
            known.Remember(oldAttic.Id, "Attic", address: null, isNamed: false, DateTimeOffset.UnixEpoch);
        }, "--forget");
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("several servers clash: name the one you mean with --server HOST:PORT --forget", refused.Errors[0]);
        Assert.True(Known.Contains(oldDen.Id));
        Assert.True(Known.Contains(oldAttic.Id));

        Assert.Equal(0, (await TalkAsync("--server", $"127.0.0.1:{den.Port}", "--forget")).ExitCode);
        Assert.True(Known.Contains(den.Link.Id!.Value));
        Assert.True(Known.Contains(oldAttic.Id));
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

    // Two servers that announce themselves. A search is over 300 ms after the first answer: on a busy machine the other's may come too late, and then all is done again.
    private async Task<SampleEnd> FindBothAndTalkAsync(SampleServer one, SampleServer other, int port, Action<KnownServers> prepare, params string[] arguments)
    {
        const int MaxAttempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            foreach (KnownServer known in Known.All)
            {
                Known.Forget(known.Id);
            }

            prepare(Known);
            SampleEnd end = await FindAndTalkAsync(port, arguments);
            string errors = string.Join('\n', end.Errors);
            if (attempt == MaxAttempts || (errors.Contains(one.Fingerprint, StringComparison.Ordinal) && errors.Contains(other.Fingerprint, StringComparison.Ordinal)))
            {
                return end;
            }
        }
    }

    private async Task<SampleEnd> TalkAsync(params string[] arguments)
    {
        await using SampleProcess client = SampleProcess.StartIn(_home.Path, "LanChat.Client", ["--name", "ada", .. arguments]);
        await client.SayAndEndAsync("hello\n");
        return await client.EndAsync();
    }
}
