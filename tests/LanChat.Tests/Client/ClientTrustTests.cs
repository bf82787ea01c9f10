using LanChat.Framing;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Who may answer, by what is known of the address and of the server: in TLS, by a link, and on plain frames.</summary>
public sealed class ClientTrustTests
{
    private const string Where = "test:1";

    private static readonly ServerId Id = ScriptedServer.Identity.Id;
    private static readonly ServerId Other = new(Enumerable.Repeat((byte)0xAB, ServerId.Bytes).ToArray());

    private readonly KnownServers _known = KnownServers.InMemory();

    private static ServerAddress Link(ServerId id) => new("test", 1, id);

    [Fact]
    public async Task A_server_is_new_once_and_known_from_then_on()
    {
        Assert.Equal(ServerTrust.New, await TrustAsync(Tls()));

        KnownServer kept = Assert.Single(_known.All);
        Assert.Equal((Id, "Den", Where), (kept.Id, kept.Name, Assert.Single(kept.Addresses)));
        Assert.Equal(ServerTrust.Known, await TrustAsync(Tls()));
    }

    [Fact]
    public async Task A_known_server_at_an_address_where_it_was_never_met_is_new_there()
    {
        Remember(Id, "elsewhere:1");

        Assert.Equal(ServerTrust.New, await TrustAsync(Tls()));
        Assert.Equal([Where, "elsewhere:1"], Assert.Single(_known.All).Addresses);
    }

    [Fact]
    public async Task Who_is_named_by_a_link_is_certain_at_the_first_contact()
    {
        Assert.Equal(ServerTrust.Named, await TrustAsync(Tls(Link(Id))));
        Assert.Equal(ServerTrust.Known, await TrustAsync(Tls(Link(Id))));
        Assert.Equal(ServerTrust.Known, await TrustAsync(Tls()));
    }

    [Fact]
    public async Task A_link_holds_whoever_is_known_at_its_address_and_takes_the_address_from_nobody()
    {
        Remember(Other, Where);

        Assert.Equal(ServerTrust.Named, await TrustAsync(Tls(Link(Id))));
        Assert.Equal(Other, _known.IdAt(Where));
        Assert.True(_known.Contains(Id));
    }

    [Fact]
    [HostileInput(10, "a pinned address with a new key")]
    public async Task A_changed_key_is_refused_before_a_word_is_said_until_the_old_one_is_forgotten()
    {
        Remember(Other, Where);
        ChatException refused = await RefusedAsync(Tls());

        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.All([Where, Other.Fingerprint, Id.Fingerprint, "--forget", "KnownServers.Forget"], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
        Assert.Equal(Other, Assert.Single(_known.All).Id);

        Assert.True(_known.Forget(new ServerAddress("test", 1)));
        Assert.Equal(ServerTrust.New, await TrustAsync(Tls()));
    }

    [Fact]
    public async Task Another_key_than_the_links_is_refused_though_it_is_known_at_the_address()
    {
        Remember(Id, Where);
        ChatException refused = await RefusedAsync(Tls(Link(Other)));

        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        Assert.All(["link", Other.Fingerprint, Id.Fingerprint], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_does_not_welcome_us_is_not_kept()
    {
        ScriptedServer server = Tls();
        ValueTask<ChatClient> connecting = server.ConnectAsync();
        await server.NextAnyAsync();
        server.SendBye(DisconnectReason.NameInUse);
        server.Cut();

        await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task A_welcome_in_another_servers_name_is_refused_with_code_12()
    {
        var server = new ScriptedServer(isTls: true) { Known = _known, AnnouncedId = Other };
        ChatException refused = await RefusedByWelcomeAsync(server);

        Assert.All([Other.Fingerprint, Id.Fingerprint], words => Assert.Contains(words, refused.Message, StringComparison.Ordinal));
        Assert.Empty(_known.All);
    }

    [Fact]
    public async Task Plain_frames_prove_nothing_and_leave_nothing_behind()
    {
        var server = new ScriptedServer(isTls: false) { Known = _known, AnnouncedId = Id };
        ChatClient client = await server.WelcomeAsync();

        Assert.Equal((ServerTrust.Plain, false, null), (client.Trust, client.IsEncrypted, client.ServerId));
        Assert.Empty(_known.All);
        server.Cut();
        await client.Completion.Soon();
    }

    [Fact]
    public async Task Plain_frames_from_who_says_to_be_the_known_server_are_still_plain()
    {
        Remember(Id, Where);
        var server = new ScriptedServer(isTls: false) { Known = _known, AnnouncedId = Id };

        Assert.Equal(ServerTrust.Plain, await TrustAsync(server));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Plain_frames_from_another_than_the_known_or_named_server_are_refused(bool byLink)
    {
        Remember(byLink ? Id : Other, Where);
        ServerAddress address = byLink ? Link(Other) : new ServerAddress("test", 1);
        foreach (ServerId announced in new[] { Id, default })
        {
            ChatException refused = await RefusedByWelcomeAsync(new ScriptedServer(isTls: false) { Known = _known, Address = address, AnnouncedId = announced });
            Assert.Contains(Other.Fingerprint, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_server_that_cannot_be_kept_is_left()
    {
        using var directory = new TemporaryDirectory();
        string file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "");
        var server = new ScriptedServer(isTls: true) { Known = new KnownServers(Path.Combine(file, "known_servers")) };
        ValueTask<ChatClient> connecting = server.ConnectAsync();
        await server.NextAnyAsync();
        server.SendWelcome();
        Assert.Equal(DisconnectReason.Goodbye, (await server.NextAsync())!.Bye);
        server.Cut();

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Contains("cannot be kept", refused.Message, StringComparison.Ordinal);
        Assert.True(server.ClientStream.IsDisposed);
    }

    [Fact]
    public async Task A_known_server_needs_nothing_written()
    {
        using var directory = new TemporaryDirectory();
        var known = new KnownServers(Path.Combine(directory.Path, "known_servers"));
        known.Remember(Id, "Den", Where, isNamed: false, DateTimeOffset.UnixEpoch);
        File.Delete(known.Path + ".lock");
        Directory.CreateDirectory(known.Path + ".lock");

        Assert.Equal(ServerTrust.Known, await TrustAsync(new ScriptedServer(isTls: true) { Known = known }));
        Assert.Equal(DateTimeOffset.UnixEpoch, Assert.Single(known.All).LastUsed);
    }

    [Fact]
    public async Task Known_servers_that_cannot_be_trusted_end_it_before_it_begins()
    {
        using var directory = new TemporaryDirectory();
        string file = Path.Combine(directory.Path, "known_servers");
        await File.WriteAllTextAsync(file, "damaged");
        var server = new ScriptedServer(isTls: true) { Known = new KnownServers(file) };

        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => server.ConnectAsync().Soon());
        Assert.Contains("line 1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.ClientStream.BytesRead);
    }

    private static async Task<ServerTrust> TrustAsync(ScriptedServer server)
    {
        ChatClient client = await server.WelcomeAsync();
        Assert.Equal(client.Trust == ServerTrust.Plain ? null : Id, client.ServerId);
        Assert.Equal(client.IsEncrypted, client.ServerId is not null);
        server.Cut();
        await client.Completion.Soon();
        return client.Trust;
    }

    /// <summary>Expects a refusal in TLS, with nothing said inside.</summary>
    private static async Task<ChatException> RefusedAsync(ScriptedServer server)
    {
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => server.ConnectAsync().Soon());
        Assert.Null(await server.NextAnyAsync());
        Assert.True(server.ClientStream.IsDisposed);
        return refused;
    }

    private static async Task<ChatException> RefusedByWelcomeAsync(ScriptedServer server)
    {
        ValueTask<ChatClient> connecting = server.ConnectAsync();
        Assert.Equal(FrameType.Hello, (await server.NextAnyAsync())!.Type);
        server.SendWelcome();
        Assert.Equal(DisconnectReason.NotProved, (await server.NextAsync())!.Bye);
        server.Cut();
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => connecting.Soon());
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
        return refused;
    }

    private void Remember(ServerId id, string address) => _known.Remember(id, "", address, isNamed: false, DateTimeOffset.UnixEpoch);

    private ScriptedServer Tls(ServerAddress? address = null) => new(isTls: true) { Known = _known, Address = address ?? new ServerAddress("test", 1) };
}
