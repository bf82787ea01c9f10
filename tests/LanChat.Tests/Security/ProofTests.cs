using LanChat.Security;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

/// <summary>The library's proofs against numbers that another program computed (Python's hashlib; they stand in docs/protocol.md), and against the tests' own.</summary>
public sealed class ProofTests
{
    private static readonly ServerId Server = new([.. Enumerable.Range(0xA0, 32).Select(i => (byte)i)]);
    private static readonly byte[] ClientNonce = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] ServerNonce = [.. Enumerable.Range(64, 32).Select(i => (byte)i)];

    [Fact]
    public void A_generated_code_proves_as_another_program_computed()
    {
        AssertProofs(
            new JoinCode("7h3k-9qxa-pm2d-wz41").KeysFor(Server),
            Server,
            role: 1,
            "ada",
            "172d24b21f0acf4366c51e6821ca660be295a9e01cc13c7292aa843822b3965a",
            "126f6d2d7d9a611386a9f0af83135040f27a21407f5593a4e178e3f144b355b1");
        Assert.Equal("2beb04d5cf972fa6056c18e437a5bb437f155d7907f6cf1c402321248ea3b7e6", Convert.ToHexStringLower(Prover.OfCode("7H3K-9QXA-PM2D-WZ41", Server).Secret));
    }

    [Fact]
    public void A_phrase_that_is_written_with_a_loose_accent_proves_on_plain_frames_as_another_program_computed() => AssertProofs(
        new JoinCode("cafe\u0301 au lait").KeysFor(Server),
        channel: null,
        role: 1,
        "",
        "491681385032626ee0bd236619d7f723f1ec6c40fa9a60237c5d8c022eb344c7",
        "1d62b1146a4aa26e768ee16d79d749c132a339e80a7d779c5a7ac0811fd9acd2");

    [Fact]
    public void An_operator_token_proves_as_another_program_computed() => AssertProofs(
        new OperatorToken([.. Enumerable.Range(0, 16).Select(i => (byte)i)]).Keys,
        Server,
        role: 2,
        "ada",
        "4d6e3048d8139052f20d49241ab5615449b42bb1aaa987905318c6b71e3f8ff6",
        "4722399dec714cf59767f555191108aae3116594c683180a0adb00714e21e6fc");

    [Fact]
    public void Whatever_of_the_transcript_is_different_the_proof_is_another()
    {
        var keys = new ProofKeys(new byte[32]);
        string[] proofs =
        [
            Proof(keys, Server, ClientNonce, ServerNonce, 1, "ada"),
            Proof(keys, null, ClientNonce, ServerNonce, 1, "ada"),
            Proof(keys, TestIdentity.Shared.Id, ClientNonce, ServerNonce, 1, "ada"),
            Proof(keys, Server, ServerNonce, ServerNonce, 1, "ada"),
            Proof(keys, Server, ClientNonce, ClientNonce, 1, "ada"),
            Proof(keys, Server, ClientNonce, ServerNonce, 2, "ada"),
            Proof(keys, Server, ClientNonce, ServerNonce, 1, "bo"),
            Proof(keys, Server, ClientNonce, ServerNonce, 1, ""),
            Proof(new ProofKeys([.. new byte[31], 1]), Server, ClientNonce, ServerNonce, 1, "ada"),
        ];

        Assert.Equal(proofs.Length, proofs.Distinct().Count());
    }

    [Fact]
    public void The_longest_name_that_HELLO_can_carry_has_its_place()
    {
        string name = new('n', 255);
        byte[] expected = new Prover(new byte[32]).Client(Prover.Transcript(Server, ClientNonce, ServerNonce, 1, name));

        Assert.Equal(Convert.ToHexStringLower(expected), Proof(new ProofKeys(new byte[32]), Server, ClientNonce, ServerNonce, 1, name));
    }

    private static string Proof(ProofKeys keys, ServerId? channel, byte[] clientNonce, byte[] serverNonce, byte role, string name)
    {
        byte[] hash = new byte[ProofTranscript.HashBytes];
        byte[] proof = new byte[32];
        new ProofTranscript { Channel = channel, ClientNonce = clientNonce, ServerNonce = serverNonce, Name = System.Text.Encoding.UTF8.GetBytes(name) }.Hash(role, hash);
        keys.WriteClientProof(hash, proof);
        return Convert.ToHexStringLower(proof);
    }

    private static void AssertProofs(ProofKeys keys, ServerId? channel, byte role, string name, string client, string server)
    {
        Assert.Equal(client, Proof(keys, channel, ClientNonce, ServerNonce, role, name));
        byte[] proof = new byte[32];
        keys.WriteServerProof(Prover.Transcript(channel, ClientNonce, ServerNonce, role, name), proof);
        Assert.Equal(server, Convert.ToHexStringLower(proof));
    }
}
