namespace LanChat.Samples.Terminal;

/// <summary>Connects to the server that was settled on.</summary>
/// <param name="name">The name to go by; empty: the server gives one.</param>
/// <param name="code">The server's join code; null: none.</param>
/// <param name="cancelled">Gives up.</param>
internal delegate Task<ChatClient> Connect(string name, JoinCode? code, CancellationToken cancelled);
