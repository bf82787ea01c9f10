using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using LanChat.Discovery;

namespace LanChat.Benchmarks;

/// <summary>Discovery datagrams: written and signed by a server, read and verified by a client. The floors are the signature alone.</summary>
/// <remarks><c>dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Beacon*'</c></remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class BeaconBenchmarks
{
    private readonly BeaconContent _content = new() { Name = BeaconContent.Text("a server"), Topic = BeaconContent.Text("what it is about"), ChatPort = 9090, Members = 12, MaxMembers = 1000 };
    private readonly byte[] _signature = new byte[ServerIdentity.SignatureBytes];
    private ServerIdentity _identity = null!;
    private ECDsa _key = null!;
    private byte[] _datagram = [];

    [GlobalSetup]
    public void Setup()
    {
        _identity = ServerIdentity.Create();
        _datagram = WriteAndSign();
        BeaconPacket packet = Packet();
        _key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = packet.PublicKey[..32].ToArray(), Y = packet.PublicKey[32..].ToArray() },
        });
        if (!VerifyOnly() || !ReadAndVerify() || Read() != 9090 || Write() != BeaconLayout.MaxBytes)
        {
            throw new InvalidOperationException("The datagram is not what it should be.");
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _key.Dispose();
        _identity.Dispose();
    }

    [Benchmark, BenchmarkCategory("write")]
    public int Write() => BeaconWriter.Solicit(nonce: 7).Length;

    [Benchmark, BenchmarkCategory("read")]
    public int Read() => Packet().ChatPort;

    [Benchmark(Baseline = true), BenchmarkCategory("sign")]
    public byte SignOnly()
    {
        _identity.Sign(Packet().Signed, _signature);
        return _signature[0];
    }

    [Benchmark, BenchmarkCategory("sign")]
    public byte[] WriteAndSign() => BeaconWriter.Sign(BeaconType.Announce, _identity, epoch: 1, sequence: 2, nonce: 0, TimeSpan.FromSeconds(30), _content);

    [Benchmark(Baseline = true), BenchmarkCategory("verify")]
    public bool VerifyOnly()
    {
        BeaconPacket packet = Packet();
        return _key.VerifyData(packet.Signed, packet.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    [Benchmark, BenchmarkCategory("verify")]
    public bool ReadAndVerify() => BeaconSignature.IsGenuine(Packet());

    private BeaconPacket Packet() =>
        BeaconPacket.TryRead(_datagram, out BeaconPacket packet) == BeaconDefect.None ? packet : throw new InvalidOperationException("The datagram cannot be read.");
}
