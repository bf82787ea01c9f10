using Microsoft.Extensions.Logging;

namespace LanChat.Tests.Support;

/// <summary>An app's log that throws at every line, as one that writes to a full disk.</summary>
internal sealed class ThrowingLoggerFactory : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new IOException("the disk is full");

    public void Dispose()
    {
    }
}
