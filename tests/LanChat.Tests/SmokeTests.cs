using Xunit;

namespace LanChat.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void The_runner_runs() => Assert.True(true);
}
