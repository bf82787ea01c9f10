using Microsoft.Extensions.Logging;

namespace LanChat.Tests.Support;

/// <summary>An app's log that throws at one line, as one that writes to a full disk.</summary>
internal sealed class ThrowingLoggerFactory(int eventId) : ILoggerFactory, ILogger
{
    internal const int SessionEnded = 11;
    internal const int TooSlow = 19;
    internal const int ClientConnected = 200;
    internal const int ContactLost = 206;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (id.Id == eventId)
        {
            throw new IOException("the disk is full");
        }
    }

    public void Dispose()
    {
    }
}
