using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using LanChat.Connections;
using LanChat.Connections.Client;
using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Support;

namespace LanChat.Tests.Client;

/// <summary>The other end of one connection of a client, played by a test: it sends exact frames and looks at what the client sent. A client that connects here by
/// <see cref="ConnectAsync"/> does not come back; one of <see cref="ScriptedServers"/> does.</summary>
/// <remarks>The client reads inside <see cref="Send{T}"/> if its read loop waits by then; who needs to know that it has acted on a frame awaits <see cref="ActedAsync"/>. What the
/// client sends comes from its write loop and is awaited by <see cref="NextAsync"/>. Over TLS it is the same: records are made and read in the same call. Bytes are counted, cut into pieces and cut off
/// as the network sees them.</remarks>
internal sealed partial class ScriptedServer
{
    /// <summary>Who these servers are in TLS, all of them.</summary>
    public static readonly ServerIdentity Identity = ServerIdentity.Create();

    public const uint Lobby = 1;
    public const ulong Epoch = 77;

    // Not how long anything takes: after it, a test hangs no longer but fails.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Pipe _toClient;
    private readonly Pipe _fromClient;
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly SslStream? _tls;
    private readonly PipeReader _input;
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sentBytes;

    /// <param name="isTls">Whether frames go over TLS.</param>
    /// <param name="stallBytes">How many bytes the network holds that the server has not read; 0 for any number.</param>
    public ScriptedServer(bool isTls, int stallBytes = 0)
    {
        _toClient = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false));
        _fromClient = new Pipe(new PipeOptions(pauseWriterThreshold: stallBytes, resumeWriterThreshold: stallBytes, useSynchronizationContext: false));
        ClientStream = new DuplexStream(_toClient.Reader, _fromClient.Writer);
        _input = _fromClient.Reader;
        if (isTls)
        {
            _tls = new SslStream(new ScriptedServerStream(_fromClient.Reader, Transmit));
            _input = PipeReader.Create(_tls);
        }
    }

    public DuplexStream ClientStream { get; }

    /// <summary>Sends bytes in pieces of this size.</summary>
    public int PieceBytes { get; init; } = int.MaxValue;

    /// <summary>Cuts the connection after this many bytes.</summary>
    public long CutAfterBytes { get; init; } = long.MaxValue;

    /// <summary>A cut shows as an error of the link, not as the end of the stream.</summary>
    public bool CutsHard { get; init; }

    public bool IsCut { get; private set; }

    /// <summary>Takes the connection and never says anything, not even in TLS.</summary>
    public bool IsMute { get; init; }

    /// <summary>Who the server says it is in WELCOME; null for the truth, which is nobody on plain frames.</summary>
    public ServerId? AnnouncedId { get; init; }

    /// <summary>What WELCOME says of UDP; nothing unless told otherwise.</summary>
    public (ushort Port, ulong Connection, byte[]? Secret) Udp { get; init; }

    /// <summary>Opens the client's end for datagrams.</summary>
    internal Func<IDatagramEnd>? OpenDatagrams { get; init; }

    /// <summary>Gets what the client knows.</summary>
    public KnownServers Known { get; init; } = KnownServers.InMemory();

    /// <summary>Who connects, and to what; the server's id if it is named.</summary>
    public ServerAddress Address { get; init; } = new("test", 1);

    public ClientLink OpenLink()
    {
        if (_tls is null)
        {
            _ready.TrySetResult(true);
        }
        else if (!IsMute)
        {
            Task.Run(AuthenticateAsync);
        }

        return new ClientLink(ClientStream, () => _fromClient.Writer.Complete())
        {
            Server = OpenDatagrams is null ? null : IPAddress.Loopback,
            OpenDatagrams = OpenDatagrams,
        };
    }

    public ValueTask<ChatClient> ConnectAsync(ChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        ClientConnector.ConnectAsync(
            Address,
            _ => ValueTask.FromResult(OpenLink()),
            (options ?? new ChatClientOptions { Name = "ada" }) with { Plaintext = _tls is null, KnownServers = Known, Reconnect = false },
            cancellationToken);

    /// <summary>Connects, welcomes, and takes the client's HELLO and first PING.</summary>
    public async Task<ChatClient> WelcomeAsync(ChatClientOptions? options = null, int window = 1024, uint heartbeatMs = 15_000, string name = "ada")
    {
        ValueTask<ChatClient> connecting = ConnectAsync(options);
        (await NextAnyAsync())!.Decode<HelloFrame>();
        SendWelcome(name, window, heartbeatMs);
        ChatClient client = await connecting.AsTask().WaitAsync(Patience);
        (await NextAnyAsync())!.Decode<PingFrame>();
        await ActedAsync();
        return client;
    }

    /// <summary>Lets the client join the lobby with the members given, at sequence <paramref name="newest"/>, without history.</summary>
    public async Task<ChatRoom> JoinAsync(ChatClient client, string room = "lobby", uint number = Lobby, ulong newest = 1, params string[] others)
    {
        ValueTask<ChatRoom> joining = client.JoinAsync(room);
        (await NextAsync())!.Decode<JoinFrame>();
        SendJoined(room, number, first: newest, newest, (uint)(others.Length + 1));
        SendRoster(number, newest, [.. others, client.Name]);
        SendEntry(EntryKind.Joined, newest, client.Name, Members((uint)(others.Length + 1)), room: number);
        return await joining.AsTask().WaitAsync(Patience);
    }

    public void Send<T>(in T frame)
        where T : struct, IFrame<T>, allows ref struct
    {
        _frame.ResetWrittenCount();
        frame.WriteTo(_frame);
        SendBytes(_frame.WrittenSpan);
    }

    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        if (_tls is null)
        {
            Transmit(bytes);
        }
        else
        {
            _tls.Write(bytes);
        }
    }

    private void Transmit(ReadOnlySpan<byte> bytes)
    {
        BytesOffered += bytes.Length;
        while (!bytes.IsEmpty && !IsCut)
        {
            int piece = (int)Math.Min(Math.Min(bytes.Length, PieceBytes), CutAfterBytes - _sentBytes);
            if (piece > 0)
            {
                _toClient.Writer.Write(bytes[..piece]);
                bytes = bytes[piece..];
                _sentBytes += piece;
                FlushInline();
            }

            if (_sentBytes >= CutAfterBytes)
            {
                Cut(CutsHard);
            }
        }
    }

    /// <summary>Gets whether the client has left bytes unread: it has stopped reading.</summary>
    public bool IsUnread => ClientStream.BytesRead < _sentBytes;

    /// <summary>Completes when the client has acted on all that was sent so far and reads on, or has gone.</summary>
    public Task ActedAsync() => ClientStream.WhenActedAsync(_sentBytes).WaitAsync(Patience);

    public long SentBytes => _sentBytes;

    /// <summary>Gets how many bytes would have been sent without the cut.</summary>
    public long BytesOffered { get; private set; }

    /// <summary>Ends the server's direction: cleanly, or as a broken link.</summary>
    public void Cut(bool hard = false)
    {
        IsCut = true;
        _toClient.Writer.Complete(hard ? new IOException("connection reset by the test") : null);
    }

    /// <summary>Gets the client's next frame but PING; null when it has ended its direction.</summary>
    public async Task<Received?> NextAsync()
    {
        Received? received;
        do
        {
            received = await NextAnyAsync();
        }
        while (received?.Type == FrameType.Ping);

        return received;
    }

    public async Task<Received?> NextAnyAsync()
    {
        if (!await _ready.Task.WaitAsync(Patience))
        {
            return null;
        }

        while (true)
        {
            ReadResult result = await _input.ReadAsync().AsTask().WaitAsync(Patience);
            ReadOnlySequence<byte> buffer = result.Buffer;
            FrameReadStatus status = FrameReader.TryRead(ref buffer, 1 << 20, out FrameType type, out ReadOnlySequence<byte> body);
            Received? received = status == FrameReadStatus.Frame ? new Received(type, body.ToArray()) : null;
            bool isOver = received is null && result.IsCompleted;
            _input.AdvanceTo(buffer.Start, received is null ? buffer.End : buffer.Start);
            if (received is not null || isOver)
            {
                return received;
            }
        }
    }

    private async Task AuthenticateAsync()
    {
        try
        {
            await _tls!.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = Identity.Certificate,
                ApplicationProtocols = [ServerTls.Protocol],
            });
            _ready.TrySetResult(true);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            _ready.TrySetResult(false);
        }
    }

    private void FlushInline()
    {
        // The client's read loop goes on inside the flush only where no context of the test runner wants it elsewhere.
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            ValueTask<FlushResult> flushed = _toClient.Writer.FlushAsync();
            Debug.Assert(flushed.IsCompletedSuccessfully, "The network takes everything.");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
