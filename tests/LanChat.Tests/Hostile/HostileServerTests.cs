using System.Net;
using System.Net.Sockets;
using LanChat.Framing;
using LanChat.Tests.Client;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Hostile;

/// <summary>A server that says hostile things wherever a frame has a text, to the client sample.</summary>
public sealed class HostileServerTests
{
    private static readonly string[] LineBeginnings = ["[", "* ", "! ", "ok ", "? ", "    "];

    public enum Ending
    {
        Open,
        Kicked,
        Parted,
    }

    [Theory]
    [InlineData(Ending.Kicked, "kicked by the operator: ")]
    [InlineData(Ending.Parted, "no longer in lobby: ")]
    [HostileInput(18, "in each text of each frame", "in a server's name", "in the text of a kick")]
    public async Task Nothing_that_a_server_says_steers_the_output_of_a_piped_client(Ending ending, string words)
    {
        await using var server = new HostileServer();
        await using SampleProcess client = StartClient(server);
        Task playing = server.PlayAsync(ending);
        await client.SayAsync("rejected");
        SampleEnd end = await client.EndAsync();
        await playing;

        HostileTexts.AssertGenuine(end.Lines);

        // The first is the welcome, which is promised as it is: nothing comes before it, so it can fake nothing that did.
        Assert.All(end.Lines.Skip(1), line => Assert.Contains(LineBeginnings, beginning => line.StartsWith(beginning, StringComparison.Ordinal)));
        Assert.True(end.Lines.Count > 10, string.Join('\n', end.Lines));
        HostileTexts.AssertGenuine(end.Errors);
        Assert.StartsWith(words, Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    [Fact]
    [HostileInput(18, "in each text of each frame")]
    public async Task A_refusal_is_one_line_whatever_the_server_says_in_it()
    {
        await using var server = new HostileServer();
        await using SampleProcess client = StartClient(server);
        await server.RefuseAsync();
        SampleEnd end = await client.EndAsync();

        Assert.Empty(end.Lines);
        HostileTexts.AssertGenuine(end.Errors);
        Assert.StartsWith("the name 'ada' is in use on ", Assert.Single(end.Errors), StringComparison.Ordinal);
    }

    [Fact]
    [HostileInput(18, "in each text of each frame")]
    public async Task Nothing_that_a_server_says_steers_the_terminal_of_a_client()
    {
        await using TmuxSession terminal = await TmuxSession.StartAsync(columns: 100, rows: 40);
        await using var server = new HostileServer();
        Task playing = server.PlayAsync(Ending.Open);
        await terminal.SayAsync($"clear; dotnet {SampleProcess.PathOf("LanChat.Client")} --plain --server {server.EndPoint} --name ada --no-reconnect");
        await terminal.UntilAsync(screen => screen.Lines.Any(line => line.Contains("last of all", StringComparison.Ordinal)), "the last that the server says");

        string[] all = (await terminal.CaptureAllAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        HostileTexts.AssertGenuine(all);

        // No colour but the client's own, and nothing of a link or a title.
        string styled = await terminal.CaptureStyledAsync();
        Assert.DoesNotMatch("\e\\[[0-9;]*31m(q|over)", styled);
        Assert.DoesNotContain("\e]", styled, StringComparison.Ordinal);
        Assert.DoesNotContain("title", await terminal.ReadTitleAsync(), StringComparison.Ordinal);
        await playing;
    }

    private static SampleProcess StartClient(HostileServer server) =>
        SampleProcess.Start("LanChat.Client", "--plain", "--server", $"{server.EndPoint}", "--name", "ada", "--no-reconnect", "--timeout", "30s");

    /// <summary>Plays the server over a real socket: one caller, welcomed, and told everything there is in hostile words.</summary>
    private sealed class HostileServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ScriptedServer _script = new(isTls: false);
        private Task _relaying = Task.CompletedTask;
        private Socket? _caller;
        private ulong _mails;

        internal HostileServer() => _listener.Start();

        internal EndPoint EndPoint => _listener.LocalEndpoint;

        internal async Task RefuseAsync()
        {
            await AcceptAsync();
            _script.SendBye(DisconnectReason.NameInUse, HostileTexts.Everything);
            _script.Cut();
        }

        internal async Task PlayAsync(Ending ending)
        {
            await AcceptAsync();
            Welcome();
            (await _script.NextAsync())!.Decode<JoinFrame>();
            _script.SendJoined("lobby", ScriptedServer.Lobby, first: 1, newest: 1, members: 2);
            _script.SendRoster(ScriptedServer.Lobby, 1, HostileTexts.Name, "ada");
            _script.SendEntry(EntryKind.Joined, 1, "ada", ScriptedServer.Members(2));
            ulong sequence = 1;
            foreach (EntryKind kind in Enum.GetValues<EntryKind>())
            {
                byte[] body = kind switch
                {
                    EntryKind.Joined => ScriptedServer.Members(3),
                    EntryKind.Left => ScriptedServer.Left(2, DisconnectReason.Kicked),
                    EntryKind.Members => ScriptedServer.Members(2),
                    _ => HostileTexts.Utf8(HostileTexts.Everything),
                };
                bool isMail = kind is EntryKind.Direct or EntryKind.Private;

                // A counted room names nobody any more, so that comes last.
                if (kind != EntryKind.Members)
                {
                    _script.SendEntry(kind, isMail ? ++_mails : ++sequence, HostileTexts.Name, body, room: isMail ? 0 : ScriptedServer.Lobby);
                }
            }

            _script.SendMessage(++sequence, new string('x', 200), new string(' ', 300) + HostileTexts.Faked);
            if (ending != Ending.Open)
            {
                PublishFrame said = (await _script.NextAsync())!.Decode<PublishFrame>();
                _script.Send(new RejectedFrame { Id = said.Id, Code = (ushort)DisconnectReason.BadText, Text = HostileTexts.Utf8(HostileTexts.Everything) });
                if (ending == Ending.Parted)
                {
                    _script.Send(new PartedFrame { Room = ScriptedServer.Lobby, Code = (ushort)DisconnectReason.Goodbye, Name = "lobby"u8, Text = HostileTexts.Utf8(HostileTexts.Everything) });
                    return;
                }

                _script.SendBye(DisconnectReason.Kicked, HostileTexts.Everything);
                _script.Cut();
                return;
            }

            _script.SendMessage(++sequence, "bo", "last of all");
        }

        private async Task AcceptAsync()
        {
            _caller = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            var stream = new NetworkStream(_caller);
            Stream relay = _script.OpenLink().Stream;
            _relaying = Task.WhenAll(stream.CopyToAsync(relay, TestContext.Current.CancellationToken), relay.CopyToAsync(stream, TestContext.Current.CancellationToken));
            (await _script.NextAnyAsync())!.Decode<HelloFrame>();
        }

        private void Welcome() => _script.Send(new WelcomeFrame
        {
            Version = 1,
            Session = 5,
            Token = new byte[FrameLimits.TokenBytes],
            Window = 1024,
            MaxFrameBytes = 65_536,
            MaxTextBytes = 4096,
            HeartbeatMilliseconds = 15_000,
            ResumeMilliseconds = 30_000,
            MailboxEpoch = 9,
            MailboxFirst = 1,
            UdpSecret = new byte[32],
            ServerName = HostileTexts.Utf8(HostileTexts.Name),
            YourName = "ada"u8,
            Text = HostileTexts.Utf8(HostileTexts.Everything),
        });

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            _script.Cut();
            _caller?.Dispose();
            await _relaying.ContinueWith(static over => over.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
