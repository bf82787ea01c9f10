using System.Globalization;
using System.Text;
using LanChat.Text;

namespace LanChat.Security;

/// <summary>How known servers are written down: a line each, its fields separated by one space, the name last because it may have spaces.</summary>
/// <remarks>
/// <code>
/// # comment
/// id (64 hexadecimal digits)  first use  last use (2026-11-21T12:34:56Z)  host:port,host:port or -  name
/// </code>
/// Reading is strict: a line that is not exactly that is an error, not a line to skip.
/// </remarks>
internal static class KnownServersFormat
{
    private const string Header =
        """
        # Servers that LanChat has connected to, and the keys by which it knows them again.
        # One line each: id, first and last use (UTC), addresses as host:port separated by commas or - for none, name.
        # Delete a line, or use --forget, to take its server for a new one.

        """;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string NoAddress = "-";

    // A host name has at most 253 characters; more only for the scope of an IPv6 address.
    private const int MaxAddressChars = 300;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static bool IsAddress(string text) =>
        text.Length <= MaxAddressChars && text.IndexOf(':', StringComparison.Ordinal) > 0 && !text.AsSpan().ContainsAnyInRange('\0', ' ') && !text.Contains(',', StringComparison.Ordinal)
        && text == TextRules.Sanitize(text);

    internal static string OneLine(string name) => Check.Cut(TextRules.SanitizeToLine(name), KnownServers.MaxNameBytes).Trim();

    internal static string Write(IEnumerable<KnownServer> servers)
    {
        var text = new StringBuilder(Header);
        foreach (KnownServer server in servers)
        {
            string addresses = server.Addresses.Count == 0 ? NoAddress : string.Join(',', server.Addresses);
            text.Append(CultureInfo.InvariantCulture, $"{server.Id} {Time(server.FirstUsed)} {Time(server.LastUsed)} {addresses} {server.Name}").Append('\n');
        }

        return text.ToString();

        static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a whole file. False with the number of the first line that is wrong, and what is wrong with it. Never throws.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> utf8, out List<KnownServer> servers, out int line, out string complaint)
    {
        servers = [];
        line = 0;
        complaint = "";
        var ids = new HashSet<ServerId>();
        var addresses = new HashSet<string>();

        // Some editors put it there.
        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        foreach (Range range in utf8.Split((byte)'\n'))
        {
            line++;
            if (!TryDecode(utf8[range], out string text))
            {
                complaint = "it is not UTF-8";
                return false;
            }

            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            if (ReadServer(text, out complaint) is not { } server)
            {
                return false;
            }

            complaint = !ids.Add(server.Id) ? "this id was there before"
                : !server.Addresses.All(addresses.Add) ? "an address was there before"
                : servers.Count == KnownServers.MaxCount ? $"there are more than {KnownServers.MaxCount} servers"
                : "";
            if (complaint.Length > 0)
            {
                return false;
            }

            servers.Add(server);
        }

        return true;
    }

    private static KnownServer? ReadServer(string text, out string complaint)
    {
        complaint = "";
        string[] fields = text.Split(' ', 5);
        if (fields.Length < 4)
        {
            complaint = "it does not have the fields id, first use, last use, addresses, name";
            return null;
        }

        // Without a name, and without the blank before it, which editors take away.
        string name = fields.Length == 5 ? fields[4] : "";

        if (!ServerId.TryParse(fields[0], out ServerId id) || id == default)
        {
            complaint = "its id is not 64 hexadecimal digits";
        }

        if (!TryReadTime(fields[1], out DateTimeOffset first) || !TryReadTime(fields[2], out DateTimeOffset last))
        {
            complaint = "its times do not look like 2026-11-21T12:34:56Z";
            return null;
        }

        string[] addresses = fields[3] == NoAddress ? [] : fields[3].Split(',');
        if (addresses.Length > KnownServers.MaxAddressCount || !addresses.All(IsAddress))
        {
            complaint = $"its addresses are not at most {KnownServers.MaxAddressCount} times host:port, separated by commas";
        }

        if (name != OneLine(name))
        {
            complaint = "its name has characters that no name has, or is too long";
        }

        return complaint.Length == 0 ? new KnownServer(id, name, addresses, first, last) : null;
    }

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(utf8.TrimEnd((byte)'\r'));
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
