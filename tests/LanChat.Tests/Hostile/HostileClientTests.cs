using System.Net;
using LanChat.Framing;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Hostile;

/// <summary>A client that says hostile things wherever a frame or a line has a text, to the server sample's console and to the server's log.</summary>
public sealed class HostileClientTests
{
    private static readonly byte[] Name = HostileTexts.Utf8(HostileTexts.Name);
    private static readonly byte[] Hostile = HostileTexts.Utf8(HostileTexts.Everything);

    [Fact]
    [HostileInput(18, "in each text of each frame")]
    public async Task Nothing_that_clients_say_steers_the_servers_console()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await SayEverythingAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        await server.Process.SayAsync("/who");
        await server.Process.SayAsync("exit");
        SampleEnd end = await server.Process.EndAsync();

        HostileTexts.AssertGenuine(end.Lines);
        Assert.Contains(end.Lines, line => line.Contains("] mallory: ", StringComparison.Ordinal));
        Assert.All(end.Lines, line => Assert.Contains((string[])["[", "* ", "! ", "? ", "    ", "#"], beginning => line.StartsWith(beginning, StringComparison.Ordinal)));
        Assert.Empty(end.Errors);
    }

    [Fact]
    [HostileInput(18, "in each text of each frame")]
    public async Task Nothing_that_clients_say_fakes_a_line_of_the_servers_log()
    {
        var log = new RecordingLoggerFactory();
        await using (ChatServer server = await ChatServer.StartAsync(new ChatServerOptions { Announce = false, BindAddress = IPAddress.Loopback, Port = 0, LoggerFactory = log }))
        {
            await SayEverythingAsync(server.EndPoint);
            await Assert.ThrowsAnyAsync<Exception>(() => SayInTlsAsync(server.EndPoint));
        }

        Assert.NotEmpty(log.Logger.Lines);
        HostileTexts.AssertGenuine(log.Logger.Lines.Select(line => line.Text));
        Assert.All(log.Logger.Lines, line => Assert.DoesNotContain('\n', line.Text));
        Assert.DoesNotContain(log.Logger.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    [HostileInput(18, "a line feed and a faked sender")]
    public async Task On_the_servers_screen_the_rest_of_a_long_line_is_indented()
    {
        const int Columns = 80;
        await using TmuxSession terminal = await TmuxSession.StartAsync(Columns);
        using var data = new TemporaryDirectory();
        int port = FreePort.Tcp();
        await terminal.SayAsync($"clear; XDG_DATA_HOME={data.Path} dotnet {SampleProcess.PathOf("LanChat.Server")} --bind 127.0.0.1 --port {port} --no-discovery");
        await terminal.UntilAsync(screen => screen.Lines.Any(line => line.StartsWith("not announced", StringComparison.Ordinal)), "the server's lines");
        await using LineCaller mallory = await LineCaller.ConnectAsync(port);
        await mallory.SayAsync("/name mallory");
        string begin = "[00:00:00] mallory: ";
        await mallory.SayAsync(new string('x', Columns - begin.Length) + HostileTexts.Faked);
        TmuxScreen screen = await terminal.UntilRowAsync(HostileTexts.Faked);

        Assert.Contains("    " + HostileTexts.Faked, screen.Lines);
        HostileTexts.AssertGenuine(screen.Lines);

        // What is there to be copied is not folded: the terminal joins its rows again.
        Assert.Contains(screen.Lines, line => line.StartsWith("link lanchat://", StringComparison.Ordinal) && line.Length == Columns);
        await terminal.PressAsync("C-c");
    }

    // Whatever has a text, in frames and in lines. None of it is a violation before the last.
    private static async Task SayEverythingAsync(IPEndPoint server)
    {
        foreach (byte[] name in (byte[][])[Name, HostileTexts.Utf8(HostileTexts.Faked)])
        {
            using WireClient refused = await WireClient.ConnectAsync(server);
            await refused.SendAsync(WireFrame.Bytes(new HelloFrame { Version = 1, Name = name }));
            await refused.ExpectAsync(FrameType.Bye);
        }

        using (WireClient mallory = (await WireClient.JoinAsync(server, "mallory")).Client)
        {
            await mallory.SendAsync(
            [
                .. WireFrame.Bytes(new JoinFrame { Room = Name }),
                .. WireFrame.Bytes(new PublishFrame { Room = 1, Id = 1, Body = Hostile }),
                .. WireFrame.Bytes(new DirectFrame { Id = 2, To = Name, Body = Hostile }),
                .. WireFrame.Bytes(new DirectFrame { Id = 3, To = "mallory"u8, Body = Hostile }),
                .. WireFrame.Bytes(new CommandFrame { Id = 4, Verb = Name, Argument = Hostile }),
                .. WireFrame.Bytes(new CommandFrame { Id = 5, Verb = "kick"u8, Argument = Hostile }),
                .. WireFrame.Bytes(new ByeFrame { Code = 1, Text = Hostile }),
            ]);
            await mallory.ReadToEndAsync();
        }

        using WireClient person = await WireClient.ConnectAsync(server);
        foreach (string command in (string[])["/name ", "/join ", "/msg ", "/code ", "/\e[2J", ""])
        {
            await person.SendAsync([.. HostileTexts.Utf8(command), .. Hostile.Where(one => one is not (byte)'\n'), (byte)'\n']);
        }

        await person.SendAsync("exit\n");
        await person.ReadToEndAsync();
    }

    // A handshake that asks for another protocol, by a name that is none.
    private static async Task SayInTlsAsync(IPEndPoint server)
    {
        using WireClient caller = await WireClient.ConnectAsync(server);
        await caller.SecureAsync(new System.Net.Security.SslClientAuthenticationOptions
        {
            TargetHost = "evil",
            ApplicationProtocols = [new System.Net.Security.SslApplicationProtocol("\e[2J\n" + HostileTexts.Faked)],
        });
    }
}
