using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using LanChat.Datagrams;
using LanChat.Diagnostics;
using LanChat.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LanChat.Tests.Datagrams;

/// <summary>The receiving goes on after an error of the socket, whatever the app's log makes of it.</summary>
public sealed class DatagramErrorTests
{
    // From linux/in.h: the errors that the network reports come out of the next receive, as they do on other systems by themselves.
    private const int IpLevel = 0;
    private const int ReceiveErrors = 11;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_of_the_socket_ends_nothing_also_when_the_log_throws(bool throws)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only here such an error can be had.");
        var log = new Log(throws);
        await using var end = DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, AppLog.Create(log, "test"));
        SocketOf(end).SetRawSocketOption(IpLevel, ReceiveErrors, BitConverter.GetBytes(1));
        var came = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        end.Start((datagram, _) => came.TrySetResult(datagram.Length));

        // Refused: the next receive fails.
        end.Send([1, 2, 3], new IPEndPoint(IPAddress.Loopback, FreePort.Udp()).Serialize());
        await log.Told.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);

        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo(new byte[7], new IPEndPoint(IPAddress.Loopback, end.Port));
        Assert.Equal(7, await came.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    private static extern ref Socket SocketOf(DatagramSocket end);

    private sealed class Log(bool throws) : ILoggerFactory, ILogger
    {
        internal TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Told.TrySetResult();
            if (throws)
            {
                throw new IOException("the disk is full");
            }
        }
    }
}
