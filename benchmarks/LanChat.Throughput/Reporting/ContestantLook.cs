namespace LanChat.Throughput;

/// <summary>What a contestant is called and how it is drawn, in every table and picture alike.</summary>
/// <param name="Name">As in the results.</param>
/// <param name="Label">As people read it.</param>
/// <param name="Family">The class of its colour: those of one family share it, and differ by mark and line.</param>
/// <param name="Mark">The path of its mark around 0,0.</param>
/// <param name="IsDashed">Whether its line is.</param>
internal sealed record ContestantLook(string Name, string Label, string Family, string Mark, bool IsDashed = false)
{
    private const string Circle = "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0z";
    private const string Square = "M-4,-4h8v8h-8z";
    private const string Diamond = "M0,-5.5l5.5,5.5l-5.5,5.5l-5.5,-5.5z";
    private const string Up = "M0,-5.2l5.2,9h-10.4z";
    private const string Down = "M0,5.2l5.2,-9h-10.4z";
    private const string Cross = "M-4.5,-2.5l2,-2l2.5,2.5l2.5,-2.5l2,2l-2.5,2.5l2.5,2.5l-2,2l-2.5,-2.5l-2.5,2.5l-2,-2l2.5,-2.5z";
    private const string Plus = "M-1.5,-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z";
    private const string Bar = "M-5,-2h10v4h-10z";

    internal const string LanChat = "lanchat";
    internal const string Floor = "floor";

    private static readonly ContestantLook[] All =
    [
        new(LanChat, "LanChat", "lanchat", Circle),
        new("lanchat-sockets", "LanChat, sockets", "lanchat", Square, IsDashed: true),
        new("lanchat-tls", "LanChat, TLS", "lanchat", Diamond, IsDashed: true),
        new(Floor, "Floor (raw sockets)", "floor", Plus, IsDashed: true),
        new("signalr", "SignalR", "signalr", Up),
        new("signalr-tls", "SignalR, TLS", "signalr", Diamond, IsDashed: true),
        new("threads", "Thread per client", "threads", Cross),
        new("nats", "NATS", "nats", Square),
        new("nats-tls", "NATS, TLS", "nats", Diamond, IsDashed: true),
        new("redis", "Redis", "redis", Down),
        new("mosquitto", "Mosquitto", "mosquitto", Diamond),
    ];

    internal int Order => Array.IndexOf(All, this) is var place and >= 0 ? place : All.Length;

    internal bool IsTls => Name.EndsWith("-tls", StringComparison.Ordinal);

    internal static ContestantLook Of(string name) => Array.Find(All, look => look.Name == name) ?? new(name, name, "other", Bar);
}
