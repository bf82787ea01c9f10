namespace LanChat.Throughput;

/// <summary>Everybody who is measured, in the order of the reports: what is possible, LanChat, the design it replaces, the rest of the field, and then the same inside TLS.</summary>
internal static class Contestants
{
    internal static IReadOnlyList<Contestant> All { get; } =
    [
        new FloorContestant(),
        new LanChatContestant("lanchat", ServerTransport.Epoll, isTls: false),
        new LanChatContestant("lanchat-sockets", ServerTransport.Sockets, isTls: false),
        new ThreadsContestant(),
        new SignalRContestant(isTls: false),
        new NatsContestant(isTls: false),
        new RedisContestant(),
        new MosquittoContestant(),
        new LanChatContestant("lanchat-tls", OperatingSystem.IsLinux() ? ServerTransport.Epoll : ServerTransport.Sockets, isTls: true),
        new SignalRContestant(isTls: true),
        new NatsContestant(isTls: true),
    ];
}
