namespace LanChat;

/// <summary>What carries the connections of a <see cref="ChatServer"/>. All kinds behave alike; they differ in what a delivered message and an idle member cost.</summary>
public enum ServerTransport
{
    /// <summary>What the environment variable LANCHAT_TRANSPORT says (<c>epoll</c> or <c>sockets</c>), else <see cref="Epoll"/> where there is one, else <see cref="Sockets"/>.</summary>
    Automatic,

    /// <summary>Raw descriptors and epoll, on the loops' own threads: the cheapest. On 64-bit Linux only.</summary>
    Epoll,

    /// <summary>.NET's sockets, on every platform: each wait looks at every connection of the loop.</summary>
    Sockets,
}
