using LanChat.Datagrams;
using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Tests.Text;
using Xunit;

namespace LanChat.Tests.Fuzzing;

public sealed class DatagramFuzzTests
{
    private readonly FailureLog _failures = new();
    private readonly MemoryServer _server;
    private readonly DatagramCaller _ada;

    public DatagramFuzzTests()
    {
        _server = new MemoryServer(Callers.Patient with { LoggerFactory = _failures, ControlRate = 1_000_000, PublishRate = 0 }, tls: true, udp: true);
        _ada = DatagramCaller.Join(_server, "ada");
        _ada.Tcp.Frames();
    }

    [Fact]
    [HostileInput(26, "a million mutations of a datagram")]
    public void No_datagram_that_its_client_did_not_seal_is_answered_or_carried_out()
    {
        byte[][] genuine =
        [
            _ada.Seal(WireFrame.Publish(1, 1, "hello"), counter: 2_000), _ada.Seal(WireFrame.Direct(1, "ada", "psst"), counter: 2_001),
            _ada.Seal(Callers.Ping(7), counter: 3), _ada.Seal(WireFrame.Publish(1, 1, new string('x', 1_000)), counter: 2_500),
        ];
        Fuzz.Check(new Corpus(genuine), datagram =>
        {
            byte[] sent = datagram.ToArray();

            // Slower than the server stops looking.
            _server.Time.Advance(TimeSpan.FromMilliseconds(2));
            _ada.Send(sent);
            bool isAnswered = _ada.End.Received.Count > 0;
            _ada.End.Received.Clear();
            return isAnswered && !Array.Exists(genuine, one => one.AsSpan().SequenceEqual(sent)) ? "it is answered" : _failures.First;
        }, Fuzz.AnyAllocation);

        // Of those that are genuine, whichever came first was carried out, once.
        Assert.Single(_ada.Tcp.Frames(), frame => frame.Type == FrameType.Entry);
    }

    [Fact]
    [HostileInput(26, "a million mutations of a datagram")]
    public void No_frame_in_a_datagram_breaks_the_server_or_ends_its_connection()
    {
        byte[][] frames = [WireFrame.Publish(1, 1, "hello"), WireFrame.Direct(1, "ada", "psst"), Callers.Ping(7), WireFrame.Join("lobby"), WireFrame.Goodbye(), WireFrame.Hello("bo")];
        Fuzz.Check(new Corpus([.. frames.Select(frame => frame[FrameLimits.LengthBytes..])], [.. HostileText.Fragments]), frame =>
        {
            if (frame.IsEmpty || frame.Length > DatagramLayout.MaxFrameBytes)
            {
                return null;
            }

            _ada.Say([.. new byte[FrameLimits.LengthBytes], .. frame]);
            _ada.End.Received.Clear();
            return _failures.First ?? (_server.Context.Sessions.Count == 1 ? null : "the session is gone");
        }, Fuzz.AnyAllocation);

        _ada.Tcp.Frames();
        _ada.Tcp.Say(Callers.Ping(9));
        Assert.Equal(FrameType.Pong, Assert.Single(_ada.Tcp.Frames()).Type);
    }
}
