using System.Net;
using System.Security.Cryptography;
using LanChat.Connections;
using LanChat.Framing;

namespace LanChat.Datagrams;

/// <summary>What one connection of a server has for its datagrams: a number, a secret, and from the first datagram on the keys. It dies with the connection.</summary>
/// <remarks>The receiving thread opens, the connection's loop does everything else. An idle connection holds the secret and its place in the table.</remarks>
internal sealed class ConnectionDatagrams
{
    /// <summary>How many may wait for the loop. A client that keeps the rules has one on its way, twice resent; a loop that is behind is not helped by more.</summary>
    private const int MaxWaiting = 32;

    private readonly ServerDatagrams _server;
    private readonly ServerConnection _connection;

    // The loop may end it while the receiving thread opens: guards the secret, the making of the keys, opening, and the end.
    private readonly Lock _gate = new();
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(FrameLimits.UdpSecretBytes);

    // Made by the receiving thread, before it posts the first datagram.
    private DatagramKeys? _keys;
    private ForgeryLimit _forgeries;
    private bool _isOver;

    // The loop's alone.
    private ForeignPath? _foreign;

    // Posted and not acted on yet; raised by the receiving thread, lowered by the loop.
    private int _waiting;

    internal ConnectionDatagrams(ServerDatagrams server, ServerConnection connection, ulong number)
    {
        _server = server;
        _connection = connection;
        Number = number;
    }

    /// <summary>Gets the number by which datagrams name the connection: random, and the connection's alone.</summary>
    internal ulong Number { get; }

    /// <summary>Gets the secret for WELCOME. Before the first datagram only: then the keys are made of it, and it is forgotten.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    internal bool MayTakeMore => Volatile.Read(ref _waiting) < MaxWaiting;

    /// <summary>Receiving thread: opens a datagram. The window moves only if it is genuine.</summary>
    internal DatagramDefect TryOpen(ReadOnlySpan<byte> datagram, ulong counter, Span<byte> room)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return DatagramDefect.Unknown;
            }

            if (_keys is null)
            {
                _keys = DatagramKeys.OfServer(_secret);
                CryptographicOperations.ZeroMemory(_secret);
            }

            TimeProvider time = _connection.Server.Options.TimeProvider;
            if (_forgeries.IsReached(time))
            {
                return DatagramDefect.TooMany;
            }

            DatagramDefect defect = _keys.Open(datagram, counter, room[..DatagramLayout.FrameBytes(datagram.Length)]);
            if (defect == DatagramDefect.Forged)
            {
                _forgeries.Note(time);
            }

            return defect;
        }
    }

    /// <summary>Receiving thread: hands a datagram to the loop. False when that has stopped.</summary>
    internal bool TryPost(ReceivedDatagram datagram)
    {
        Interlocked.Increment(ref _waiting);
        if (_connection.Loop.Post(datagram))
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        return false;
    }

    /// <summary>On the loop: does what the datagram says, and answers if it may.</summary>
    internal void Act(ReceivedDatagram datagram)
    {
        Interlocked.Decrement(ref _waiting);
        if (_isOver)
        {
            DatagramDefect.Unknown.Count();
            return;
        }

        bool isNear = IsNear(datagram.Source);
        if (!isNear)
        {
            _foreign ??= new ForeignPath();
            _foreign.Note(datagram);
        }

        DatagramWriter answer = _connection.ServerLoop.DatagramAnswer;
        answer.Clear();
        _connection.ActOnDatagram(datagram.Frame, answer).Count();

        // The connection may have ended over it; then its keys are gone.
        if (_isOver)
        {
            return;
        }

        if (!isNear && !_foreign!.IsProved(datagram.Source))
        {
            answer.Clear();
            _foreign.TryChallenge(datagram, _connection, answer);
        }

        if (!answer.IsEmpty && !_keys!.IsUsedUp)
        {
            _server.Send(_keys.Seal(answer, Number), datagram.Source);
        }
    }

    /// <summary>On the loop: acting on a datagram threw.</summary>
    internal void Fail(Exception exception) => _connection.Loop.Fail(_connection, exception);

    /// <summary>On the loop: it is over. What is on its way comes to nothing.</summary>
    internal void Close()
    {
        _server.Forget(this);
        lock (_gate)
        {
            _isOver = true;
            CryptographicOperations.ZeroMemory(_secret);
            _keys?.Dispose();
        }
    }

    private bool IsNear(SocketAddress source) => _connection.Link.IsFrom(DatagramAddress.HostOf(source));
}
