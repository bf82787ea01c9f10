using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LanChat.Tests.Support;

/// <summary>Keeps every line that was logged, with its exception.</summary>
internal sealed class RecordingLogger : ILogger
{
    internal ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception), exception));
}
