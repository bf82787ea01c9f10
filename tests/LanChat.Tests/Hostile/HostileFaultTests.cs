using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using LanChat.Discovery;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Hostile;

/// <summary>Faults of the list for which no other place is the natural one.</summary>
public sealed class HostileFaultTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    [HostileInput(12, "identity deleted at run time")]
    public async Task A_server_whose_key_file_is_deleted_stays_itself_and_its_clients_refuse_what_comes_after_it()
    {
        KnownServers known = KnownServers.InMemory();
        ServerAddress address;
        await using (ChatServer server = await StartAsync(port: 0))
        {
            address = new ServerAddress("127.0.0.1", server.EndPoint.Port);
            await using ChatClient first = await ConnectAsync(address, known);
            foreach (string file in Directory.GetFiles(_directory.Path))
            {
                File.Delete(file);
            }

            await using ChatClient second = await ConnectAsync(address, known);
            Assert.Equal((server.Id, ServerTrust.Known), (second.ServerId!.Value, second.Trust));
        }

        await using ChatServer anew = await StartAsync(address.Port);
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => ConnectAsync(address, known));
        Assert.Equal(DisconnectReason.NotProved, refused.Reason);
    }

    [Fact]
    [HostileInput(16)]
    public async Task Of_many_who_claim_one_name_at_once_exactly_one_has_it()
    {
        const int Claimants = 8;
        await using ChatServer server = await ChatServer.StartAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, Loops = 4 });
        for (int round = 0; round < (TestLength.IsLong ? 200 : 20); round++)
        {
            WireClient[] claimants = await Task.WhenAll(Enumerable.Range(0, Claimants).Select(_ => WireClient.ConnectAsync(server.EndPoint)));
            await Task.WhenAll(claimants.Select((claimant, i) => claimant.SendAsync(WireFrame.Hello(i % 2 == 0 ? $"ada{round}" : $"ADA{round}"))));
            WireFrame?[] answers = await Task.WhenAll(claimants.Select(claimant => claimant.ReadAsync()));

            Assert.Single(answers, answer => answer!.Type == FrameType.Welcome);
            Assert.Equal(Claimants - 1, answers.Count(answer => answer!.Type == FrameType.Bye && answer.Bye.Code == (ushort)DisconnectReason.NameInUse));
            Array.ForEach(claimants, claimant => claimant.Dispose());
        }
    }

    [Fact]
    [HostileInput(22, "a question by unicast")]
    public async Task A_question_to_one_address_is_answered_as_one_to_all_and_with_no_more_bytes()
    {
        int port = FreePort.Udp();
        await using ChatServer server = await ChatServer.StartAsync(new ChatServerOptions { BindAddress = IPAddress.Loopback, Port = 0, DiscoveryPort = port });
        using var asking = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] nonce = RandomNumberGenerator.GetBytes(sizeof(ulong));
        byte[] question = BeaconWriter.Solicit(BitConverter.ToUInt64(nonce));
        await asking.SendAsync(question, new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
        UdpReceiveResult answer = await asking.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.True(BeaconPacket.TryRead(answer.Buffer, out BeaconPacket packet) == BeaconDefect.None);
        Assert.Equal((BeaconType.Reply, BitConverter.ToUInt64(nonce), server.Id), (packet.Type, packet.Nonce, packet.Id));
        Assert.InRange(answer.Buffer.Length, 1, question.Length);
    }

    [Theory, InlineData(1), InlineData(-1)]
    [HostileInput(32)]
    public void A_clock_that_jumps_by_a_day_ends_no_session_and_loses_nothing(int days)
    {
        // How old an entry is goes by the clock on the wall, as people mean it.
        var server = new MemoryServer(new ChatServerOptions { Loops = 1, Identity = TestIdentity.Shared, HistoryAge = TimeSpan.FromDays(2) });
        MemoryCaller ada = server.Join("ada");
        MemoryCaller bo = server.Join("bo");
        bo.Say([.. Callers.Ping(1), .. WireFrame.Publish(1, 1, "before")]);
        WireFrame welcome = bo.Frames()[0];
        bo.Client.Reset();
        server.Run();
        ada.Frames();

        server.Time.ClockError = TimeSpan.FromDays(days);
        server.Advance(10);
        ada.Say(WireFrame.Publish(1, 1, "after"));
        Assert.Equal(["after"], ada.Frames().Texts());

        // The session that waits, its token, and the history are there as before.
        MemoryCaller back = server.Connect();
        back.Say(
        [
            .. WireFrame.Bytes(new HelloFrame { Version = 1, Session = welcome.Welcome.Session, Token = welcome.Welcome.Token, Attempt = 2, Name = "bo"u8 }),
            .. WireFrame.Join("lobby", replay: 10),
        ]);
        List<WireFrame> frames = back.Frames();
        Assert.NotEqual(0, frames[0].Welcome.Flags & WelcomeFrame.ResumedFlag);
        Assert.Equal(["before", "after"], frames.Texts());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    [HostileInput(35, "the disk full when a server is to be remembered")]
    public async Task A_full_disk_says_so_keeps_the_known_and_leaves_the_file_whole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _directory.Path), "A small file system takes a mount.");
        try
        {
            string file = Path.Combine(_directory.Path, "known_servers");
            var known = new KnownServers(file);
            ServerId one = new([.. Enumerable.Repeat((byte)1, ServerId.Bytes)]);
            ServerId two = new([.. Enumerable.Repeat((byte)2, ServerId.Bytes)]);
            known.Remember(one, "Den", "den:1", isNamed: false, DateTimeOffset.UnixEpoch);
            string before = File.ReadAllText(file);
            string filler = Path.Combine(_directory.Path, "filler");
            await Assert.ThrowsAnyAsync<IOException>(() => File.WriteAllBytesAsync(filler, new byte[128 << 10], TestContext.Current.CancellationToken));

            ChatException refused = Assert.Throws<ChatException>(() => known.Remember(two, "Attic", "attic:1", isNamed: false, DateTimeOffset.UnixEpoch));
            Assert.Contains(file, refused.Message, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllText(file));
            Assert.True(new KnownServers(file).Contains(one));

            File.Delete(filler);
            known.Remember(two, "Attic", "attic:1", isNamed: false, DateTimeOffset.UnixEpoch);
            Assert.Equal(2, new KnownServers(file).All.Count);
        }
        finally
        {
            Assert.True(await TryRunAsync("umount", _directory.Path));
        }
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return process.ExitCode == 0;
    }

    private Task<ChatServer> StartAsync(int port) => ChatServer.StartAsync(new ChatServerOptions
    {
        Announce = false,
        BindAddress = IPAddress.Loopback,
        Port = port,
        Identity = ServerIdentity.LoadOrCreate(_directory.Path),
    }, TestContext.Current.CancellationToken);

    private static Task<ChatClient> ConnectAsync(ServerAddress address, KnownServers known) =>
        ChatClient.ConnectAsync(address, new ChatClientOptions { KnownServers = known, Reconnect = false }, TestContext.Current.CancellationToken).AsTask();
}
