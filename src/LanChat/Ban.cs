using System.Net;

namespace LanChat;

/// <summary>Somebody who may not come in (<see cref="ChatServer.BanAsync"/>).</summary>
/// <param name="Name">The name that is banned, with all that look like it. Safe to print.</param>
/// <param name="Address">The address that is banned with it: where the member was, unless it was on the server's own machine; null if there is none.</param>
/// <param name="Since">Since when, in UTC.</param>
public sealed record Ban(string Name, IPAddress? Address, DateTimeOffset Since);
