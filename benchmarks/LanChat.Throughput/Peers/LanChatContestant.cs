using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LanChat.Throughput;

/// <summary>LanChat, over one of its transports.</summary>
internal sealed class LanChatContestant(string name, ServerTransport transport, bool isTls) : Contestant
{
    private int _members;

    internal override string Name => name;

    internal override string? WhyNot => transport == ServerTransport.Epoll && !(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64)
        ? "there is epoll only on 64-bit Linux"
        : null;

    internal override bool IsTls => isTls;

    internal override bool HasLoops => true;

    internal override ProcessStartInfo Server(int port, int loops, string directory) =>
        Programs.Own("serve", "--port", $"{port}", "--plain", "--loops", $"{loops}", "--transport", transport == ServerTransport.Epoll ? "epoll" : "sockets",
        "--max-lag", $"{new ChatServerOptions().MaxLagBytes}");

    // Names of one length, so that all entries of one payload are equally long.
    internal override Wire NewWire(string room, bool receives) => new LanChatWire($"m{++_members:d7}", room, receives);
}
