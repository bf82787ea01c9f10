using Microsoft.Extensions.Logging;

namespace LanChat.Tests.Fuzzing;

/// <summary>Keeps the first thing that was logged as an error: something that nobody's bytes may bring about.</summary>
internal sealed class FailureLog : ILoggerFactory, ILogger
{
    private string? _first;

    internal string? First => Volatile.Read(ref _first);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Interlocked.CompareExchange(ref _first, $"logged: {formatter(state, exception)} {exception}", null);
        }
    }

    public void Dispose()
    {
    }
}
