using System.Net;
using LanChat.Connections;
using LanChat.Framing;
using LanChat.Security;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Server;

/// <summary>How often one may guess, by frames and by lines together; and what is told of it.</summary>
public sealed class ProofRateTests
{
    private static readonly IPAddress Here = IPAddress.Loopback;
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.7");

    private readonly RecordingLoggerFactory _log = new();
    private readonly MemoryServer _server;

    public ProofRateTests() => _server = new MemoryServer(ProvingCaller.Options with { LoggerFactory = _log, AllowPlaintext = true });

    [Theory, InlineData(true), InlineData(false)]
    public void After_five_wrong_ones_not_even_a_right_one_is_looked_at_until_the_minute_is_over(bool fromHere)
    {
        // Loopback is an address like any other.
        IPAddress address = fromHere ? Here : There;
        Guess(address, ProofLimits.MaxWrong);

        var late = new ProvingCaller(_server, address: address);
        Assert.Equal(DisconnectReason.TooFast, late.Enter().LastWord());
        Assert.Equal("bye: too fast", CodeLine(address, ProvingCaller.Code)[..13]);
        new ProvingCaller(_server, address: fromHere ? There : Here).Enter().Only(FrameType.Welcome);

        _server.Advance(ProofLimits.Window);
        new ProvingCaller(_server, "bo", address).Enter().Only(FrameType.Welcome);
    }

    [Fact]
    public void All_addresses_of_this_machine_are_one()
    {
        Guess(Here, 2);
        Guess(IPAddress.Parse("127.8.9.1"), 1);
        Guess(IPAddress.IPv6Loopback, 2);

        Assert.Equal(DisconnectReason.TooFast, new ProvingCaller(_server, address: IPAddress.Parse("127.8.9.2")).Enter().LastWord());
    }

    [Fact]
    public void All_at_once_are_no_more_than_one_after_the_other()
    {
        ProvingCaller[] callers = [.. Enumerable.Range(0, 20).Select(_ => new ProvingCaller(_server, address: There))];
        Array.ForEach(callers, caller => caller.ProveWrongly());
        _server.Advance(ServerConnection.WrongProofTime);

        DisconnectReason[] reasons = [.. callers.Select(caller => caller.Caller.Frames().LastWord())];
        Assert.Equal(ProofLimits.MaxWrong, reasons.Count(reason => reason == DisconnectReason.NotProved));
        Assert.Equal(callers.Length - ProofLimits.MaxWrong, reasons.Count(reason => reason == DisconnectReason.TooFast));
    }

    [Fact]
    public void Lines_and_frames_are_counted_together()
    {
        Guess(There, ProofLimits.MaxWrong - 1);
        MemoryCaller person = _server.ConnectPlain(There);
        person.Say("/code wrong\n");
        _server.Advance(ServerConnection.WrongProofTime);
        Assert.Equal("bye: not proved: the join code is wrong", Assert.Single(person.Lines()));

        Assert.Equal(DisconnectReason.TooFast, new ProvingCaller(_server, address: There).Enter().LastWord());
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "::1", "127.0.0.77")]
    [InlineData("2001:db8::1", "2001:db8::2", "2001:db8::3:3", "2001:db8::4:0:4", "2001:db8::5:0:0:5", "2001:db8::6")]
    public void Who_has_many_addresses_to_itself_gets_no_more(params string[] addresses)
    {
        foreach (string address in addresses[..ProofLimits.MaxWrong])
        {
            Guess(IPAddress.Parse(address), 1);
        }

        Assert.Equal(DisconnectReason.TooFast, new ProvingCaller(_server, address: IPAddress.Parse(addresses[^1])).Enter().LastWord());
        new ProvingCaller(_server, address: There).Enter().Only(FrameType.Welcome);
    }

    [Fact]
    public void Right_ones_are_not_counted()
    {
        for (int i = 0; i < 3 * ProofLimits.MaxWrong; i++)
        {
            new ProvingCaller(_server, $"ada{i}", There).Enter().Only(FrameType.Welcome);
        }
    }

    [Fact]
    public void The_log_says_who_guessed_and_who_became_an_operator_and_shows_no_secret()
    {
        var ada = new ProvingCaller(_server);
        ada.Enter(HelloFrame.OperatorFlag).Only(FrameType.Welcome);
        Guess(There, ProofLimits.MaxWrong);
        CodeLine(Here, ProvingCaller.Code);
        CodeLine(Here, "open sesame");

        Assert.Single(_log.Logger.Lines, line => line.Text.Contains("operator rights", StringComparison.Ordinal) && line.Level == LogLevel.Information);
        Assert.Single(_log.Logger.Lines, line => line.Text.Contains("Too many proofs from 192.0.2.7", StringComparison.Ordinal) && line.Level == LogLevel.Warning);
        Assert.Equal(ProofLimits.MaxWrong + 1, _log.Logger.Lines.Count(line => line.Text.Contains("did not prove", StringComparison.Ordinal)));
        string[] secrets =
        [
            "sesame", ProvingCaller.Code, ProvingCaller.Code.Replace("-", "", StringComparison.Ordinal), Convert.ToHexString(ProvingCaller.Token), Convert.ToHexString(ProvingCaller.RightCode.Secret),
            Convert.ToHexString(ada.Proof(ProvingCaller.RightCode, 1)),
        ];
        Assert.All(_log.Logger.Lines, line => Assert.All(secrets, secret => Assert.DoesNotContain(secret, line.Text, StringComparison.OrdinalIgnoreCase)));
    }

    private void Guess(IPAddress address, int times)
    {
        for (int i = 0; i < times; i++)
        {
            var eve = new ProvingCaller(_server, address: address);
            eve.ProveWrongly();
            _server.Advance(ServerConnection.WrongProofTime);
            Assert.Equal(DisconnectReason.NotProved, eve.Caller.Frames().LastWord());
        }
    }

    private string CodeLine(IPAddress address, string code)
    {
        MemoryCaller person = _server.ConnectPlain(address);
        person.Say($"/code {code}\n");
        _server.Advance(ServerConnection.WrongProofTime);
        return person.Lines()[0];
    }
}
