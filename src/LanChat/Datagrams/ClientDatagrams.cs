using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LanChat.Connections.Client;
using LanChat.Diagnostics;
using LanChat.Framing;
using Microsoft.Extensions.Logging;

namespace LanChat.Datagrams;

/// <summary>A client connection's messages by UDP: one at a time, sent up to three times, then given back to go by TCP (docs/protocol.md, section 6).</summary>
/// <remarks>
/// <para>The id of the message is the session's, whatever carries it, so the server has it once. Its outcome may come by UDP or by TCP, and <see cref="ClientSends"/> is told the same way.</para>
/// <para>A network that swallows datagrams costs little: after three messages in a row that were not answered nothing goes by UDP for a while; then the next message that wants to tries again.</para>
/// <para>Socket, keys, timer and buffers are made by the first message, and end with the connection. Everything is guarded by the client's Gate.</para>
/// </remarks>
internal sealed class ClientDatagrams : IAsyncDisposable
{
    private const int MaxTransmissions = 3;
    private const int MaxFailures = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly ClientFlow _flow;
    private readonly ClientSends _sends;
    private readonly ClientConnection _connection;
    private readonly ClientLink _link;
    private readonly ILogger _logger;
    private readonly SocketAddress _server;
    private readonly ulong _number;
    private readonly byte[] _secret;

    // Made by the first message.
    private IDatagramEnd? _end;
    private DatagramKeys? _keys;
    private ITimer? _timer;
    private DatagramWriter _writer = null!;
    private byte[] _frame = [];
    private ForgeryLimit _forgeries;

    // The message under way, and when it was first sent; how often, and when it is due again.
    private ClientSend? _send;
    private int _transmissions;
    private long _firstSent;
    private long _due;

    private RetransmissionTimeout _timeout;

    // Messages in a row that were not answered; and, after too many, until when nothing is tried.
    private int _failures;
    private long _pausedUntil;

    // No socket, or no connection any more.
    private bool _isOver;

    /// <param name="flow">The client's.</param>
    /// <param name="sends">Who is told of outcomes, and gets messages back.</param>
    /// <param name="connection">The connection that WELCOME came by.</param>
    /// <param name="link">Its link, which knows where the server is.</param>
    /// <param name="logger">Where transitions go.</param>
    /// <param name="welcome">What WELCOME said.</param>
    internal ClientDatagrams(ClientFlow flow, ClientSends sends, ClientConnection connection, ClientLink link, ILogger logger, in WelcomeFrame welcome)
    {
        _flow = flow;
        _sends = sends;
        _connection = connection;
        _link = link;
        _logger = logger;
        _server = new IPEndPoint(link.Server!, welcome.UdpPort).Serialize();
        _number = welcome.UdpConnection;
        _secret = welcome.UdpSecret.ToArray();
    }

    /// <summary>Gets whether a message is on its way: nothing later may be sent meanwhile.</summary>
    internal bool IsBusy => _send is not null;

    /// <summary>Says whether a message can go by UDP now.</summary>
    internal bool Takes(ClientSend send) =>
        !_isOver && send.FrameBytes <= DatagramLayout.MaxFrameBytes && _flow.Time.GetTimestamp() >= _pausedUntil && _keys is not { IsUsedUp: true };

    /// <summary>Sends a message. False when this machine has no socket for it: then nothing goes by UDP any more.</summary>
    internal bool TrySend(ClientSend send)
    {
        if (_end is null && !TryOpen())
        {
            return false;
        }

        _send = send;
        _transmissions = 0;
        _firstSent = _flow.Time.GetTimestamp();
        Transmit();
        return true;
    }

    /// <summary>A message has its outcome.</summary>
    internal void Settle(ClientSend send)
    {
        if (_send == send)
        {
            if (_transmissions == 1)
            {
                _timeout.Note(_flow.Time.GetElapsedTime(_firstSent));
            }

            _failures = 0;
            TakeBack();
        }
    }

    /// <summary>A message goes by TCP, for whatever reason.</summary>
    internal void Forget(ClientSend send)
    {
        if (_send == send)
        {
            TakeBack();
        }
    }

    /// <summary>Gives up the message under way and returns it.</summary>
    internal ClientSend? TakeBack()
    {
        ClientSend? send = _send;
        _send = null;
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return send;
    }

    /// <summary>The connection is over: nothing is sent or taken any more.</summary>
    internal void Close()
    {
        _isOver = true;
        _send = null;
        CryptographicOperations.ZeroMemory(_secret);
        _timer?.Dispose();
        _keys?.Dispose();
    }

    /// <summary>Releases socket and timer. After <see cref="Close"/>, without the Gate.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }

        if (_end is not null)
        {
            await _end.DisposeAsync().ConfigureAwait(false);
        }
    }

    private bool TryOpen()
    {
        try
        {
            _end = _link.OpenDatagrams?.Invoke() ?? DatagramSocket.Bind(AnyPort(_server.Family), _flow.Time, _logger);
        }
        catch (SocketException)
        {
            _isOver = true;
            return false;
        }

        _writer = new DatagramWriter();
        _frame = new byte[DatagramLayout.MaxFrameBytes];
        _keys = DatagramKeys.OfClient(_secret);
        CryptographicOperations.ZeroMemory(_secret);
        _timer = _flow.Time.CreateTimer(static state => ((ClientDatagrams)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _end.Start(OnArrived);
        return true;
    }

    private static IPEndPoint AnyPort(AddressFamily family) => new(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);

    private void Transmit()
    {
        _transmissions++;
        _send!.WriteTo(_writer);
        SendWritten();
        _due = _flow.Time.GetTimestamp() + (long)(_timeout.Value.TotalSeconds * _flow.Time.TimestampFrequency);
        Arm();
    }

    private void SendWritten() => _end!.Send(_keys!.Seal(_writer, _number), _server);

    // Rounded up, and never zero: a timer that fires early would spin until its moment has come.
    private void Arm()
    {
        double milliseconds = Math.Ceiling(_flow.Time.GetElapsedTime(_flow.Time.GetTimestamp(), _due).TotalMilliseconds);
        _timer!.Change(TimeSpan.FromMilliseconds(Math.Max(1, milliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        bool isPausing = false;
        lock (_flow.Gate)
        {
            if (_isOver || _send is null)
            {
                return;
            }

            if (_flow.Time.GetTimestamp() < _due)
            {
                // It was set for the message before this one.
                Arm();
            }
            else if (_transmissions < MaxTransmissions && !_keys!.IsUsedUp)
            {
                Transmit();
            }
            else
            {
                isPausing = GiveUp();
            }
        }

        if (isPausing)
        {
            Log.DatagramsUnanswered(_logger, _connection.Check.Where, Pause);
        }
    }

    // True when a pause begins that follows no other.
    private bool GiveUp()
    {
        _failures++;
        if (_failures >= MaxFailures)
        {
            _pausedUntil = _flow.Time.GetTimestamp() + (long)(Pause.TotalSeconds * _flow.Time.TimestampFrequency);
        }

        _sends.SendByTcp(TakeBack()!);
        return _failures == MaxFailures;
    }

    private void OnArrived(ReadOnlySpan<byte> datagram, SocketAddress source)
    {
        lock (_flow.Gate)
        {
            // Whose answer it is says the key, not the address: a server with several may answer from another.
            if (_isOver || !DatagramLayout.TryRead(datagram, out ulong number, out ulong counter) || number != _number || _forgeries.IsReached(_flow.Time))
            {
                return;
            }

            Span<byte> frame = _frame.AsSpan(0, DatagramLayout.FrameBytes(datagram.Length));
            switch (_keys!.Open(datagram, counter, frame))
            {
                case DatagramDefect.None:
                    Act((FrameType)frame[0], frame[FrameLimits.TypeBytes..]);
                    break;
                case DatagramDefect.Forged:
                    _forgeries.Note(_flow.Time);
                    break;
                default:
                    break;
            }
        }
    }

    // What has no place here is dropped: it may be newer than this client.
    private void Act(FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Ack when AckFrame.TryDecode(body, out AckFrame ack):
                _sends.Acknowledge(ack.Id, (long)ack.Sequence);
                break;
            case FrameType.Rejected when RejectedFrame.TryDecode(body, out RejectedFrame rejected):
                _sends.Reject(rejected.Id, (DisconnectReason)rejected.Code, Text.TextRules.SanitizeToLine(rejected.Text));
                break;
            case FrameType.Ping when PingFrame.TryDecode(body, out PingFrame ping) && !_keys!.IsUsedUp:
                // The server asks whether we are where our datagrams come from.
                new PongFrame { Opaque = ping.Opaque }.WriteTo(_writer);
                SendWritten();
                break;
            default:
                break;
        }

        _connection.Output.Flush();
    }
}
