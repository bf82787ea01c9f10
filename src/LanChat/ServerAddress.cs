using System.Buffers;
using System.Globalization;
using System.Net;

namespace LanChat;

/// <summary>Where a server is, and perhaps who it must be: what a user types or a link says.</summary>
/// <remarks>Written as <c>host</c>, <c>host:port</c>, <c>[::1]:port</c>, a bare IPv6 address, or the link <c>lanchat://host:port/#id</c>, which names the server's key: a link
/// that came by a way one trusts makes the first contact safe.</remarks>
/// <param name="Host">A name or an address; an IPv6 address without brackets.</param>
/// <param name="Port">The port.</param>
/// <param name="Id">Who must answer there; null when anybody may.</param>
public sealed record ServerAddress(string Host, int Port = ServerAddress.DefaultPort, ServerId? Id = null)
{
    /// <summary>The port of a server that was not told otherwise.</summary>
    public const int DefaultPort = 9090;

    private const string Scheme = "lanchat://";

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:.%_-");

    /// <summary>Gets the name or address; an IPv6 address without brackets.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public string Host { get; init => field = CheckHost(value); } = CheckHost(Host);

    /// <summary>Gets the port, 1 to 65,535.</summary>
    public int Port { get; init => field = Check.Range(value, 1, IPEndPoint.MaxPort); } = Check.Range(Port, 1, IPEndPoint.MaxPort);

    /// <summary>Reads an address or link.</summary>
    /// <exception cref="FormatException">It is none; the message says what one looks like.</exception>
    public static ServerAddress Parse(string text) =>
        TryParse(text, out ServerAddress? address)
            ? address
            : throw new FormatException("A server is HOST, HOST:PORT, [IPV6]:PORT or lanchat://HOST:PORT/#ID.");

    /// <summary>Reads an address or link. False when it is none.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ServerAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        ServerId? id = null;
        if (text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            text = text[Scheme.Length..];
            int fragment = text.IndexOf('#', StringComparison.Ordinal);
            if (fragment >= 0)
            {
                // A link with a broken id must not become one without any.
                if (!ServerId.TryParse(text[(fragment + 1)..], out ServerId named))
                {
                    return false;
                }

                id = named;
                text = text[..fragment];
            }

            text = text.EndsWith('/') ? text[..^1] : text;
        }

        address = ParseHost(text) is { } found ? found with { Id = id } : null;
        return address is not null;
    }

    /// <summary>Gets <c>host:port</c>, or the link when <see cref="Id"/> is set.</summary>
    public override string ToString() => Id is { } id ? $"{Scheme}{HostAndPort}/#{id}" : HostAndPort;

    internal string HostAndPort => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    internal EndPoint EndPoint => IPAddress.TryParse(Host, out IPAddress? address) ? new IPEndPoint(address, Port) : new DnsEndPoint(Host, Port);

    private static string CheckHost(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return host;
    }

    private static ServerAddress? ParseHost(string text)
    {
        int colon = text.LastIndexOf(':');
        bool isBare = colon < 0 || text[^1] == ']' || IsIPv6(text);
        string host = isBare ? text : text[..colon];
        int port = DefaultPort;
        if (!isBare && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > IPEndPoint.MaxPort))
        {
            return null;
        }

        if (host is ['[', .. var inner, ']'])
        {
            return IsIPv6(inner) ? new ServerAddress(inner, port) : null;
        }

        bool isHost = host.Length > 0 && (IsIPv6(host) ? isBare : IsNameOrIPv4(host));
        return isHost ? new ServerAddress(host, port) : null;
    }

    // The URI rules let through what is not fit for a screen, and it is shown and logged: bidirectional controls, foreign spaces, piles of marks.
    private static bool IsNameOrIPv4(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 && TerminalText.SanitizeToLine(text) == text && !text.Any(char.IsWhiteSpace);

    // In brackets it would be read as well, port and all; and of what follows a %, which names a network card, anything at all would be: a link is a stranger's text.
    private static bool IsIPv6(string text) => text.Contains(':', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExcept(IPv6Characters) && IPAddress.TryParse(text, out _);
}
