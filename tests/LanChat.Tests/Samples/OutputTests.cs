using System.Diagnostics;
using System.Runtime.Versioning;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Samples;

public sealed class OutputTests
{
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_client_whose_output_cannot_be_written_says_so_in_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full.");
        await using SampleServer server = await SampleServer.StartAsync();
        string client = SampleProcess.PathOf("LanChat.Client");
        var start = new ProcessStartInfo("sh", ["-c", $"echo hello | dotnet '{client}' --server localhost:{server.Port} >/dev/full"]) { RedirectStandardError = true };
        start.Environment["XDG_DATA_HOME"] = server.DataHome;
        using Process process = Process.Start(start)!;
        string[] errors = (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("the output cannot be written", errors[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(errors, line => line.Contains("Exception", StringComparison.Ordinal));
    }
}
