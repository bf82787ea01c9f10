using Microsoft.Extensions.Logging;

namespace LanChat.Tests.Client;

/// <summary>An app's log that throws when contact is lost, as one that writes to a full disk.</summary>
internal sealed class ThrowingLoggerFactory : ILoggerFactory, ILogger
{
    private const int ContactLost = 206;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == ContactLost)
        {
            throw new IOException("the disk is full");
        }
    }

    public void Dispose()
    {
    }
}
