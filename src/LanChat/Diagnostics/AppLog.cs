using Microsoft.Extensions.Logging;

namespace LanChat.Diagnostics;

/// <summary>The app's log as the library writes to it: what it throws, say for a full disk, is lost with the line, and costs nobody a connection and no loop its thread.</summary>
internal sealed class AppLog : ILogger
{
    private readonly ILogger _log;

    private AppLog(ILogger log) => _log = log;

    internal static ILogger Create(ILoggerFactory factory, string category) => new AppLog(factory.CreateLogger(category));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _log.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _log.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is no other place to say it.
        }
    }
}
