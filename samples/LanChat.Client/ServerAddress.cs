using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace LanChat.Samples;

/// <summary>Where a server is: <c>host</c>, <c>host:port</c>, <c>[::1]:port</c>, or a bare IPv6 address.</summary>
internal sealed record ServerAddress(string Host, int Port)
{
    private const int DefaultPort = 9090;

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    internal static ServerAddress? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text) is { } address)
        {
            return address;
        }

        result.AddError($"'{text}' is no server: give HOST or HOST:PORT, such as localhost:9090 or [::1]:9090.");
        return null;
    }

    private static ServerAddress? TryParse(string text)
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

        return host.Length > 0 && (IsIPv6(host) ? isBare : !host.Contains(':', StringComparison.Ordinal)) ? new ServerAddress(host, port) : null;
    }

    // In brackets it would be read as well, port and all.
    private static bool IsIPv6(string text) => !text.StartsWith('[') && text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out _);
}
