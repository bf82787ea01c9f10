using System.Globalization;

namespace LanChat.Security;

/// <summary>The identities of this user's servers that were given none: as many as ever ran at the same time, numbered from 1, each in a directory of its own.</summary>
/// <remarks>A server takes the one that was last used on its port, so that several servers keep theirs in whatever order they start; else the first that is free, so that
/// a lone server is the same one on every port.</remarks>
internal static class OwnIdentities
{
    /// <summary>More servers than one user runs on a machine; beyond it they get identities that are not kept.</summary>
    internal const int MaxCount = 16;

    private const string PortFile = "port";

    /// <summary>Gets where they are.</summary>
    internal static string DefaultRoot => Path.Combine(UserDataDirectory.Root, "server");

    /// <summary>Takes one for a server on a port (0: any). Null when all are in use.</summary>
    /// <exception cref="ChatException">It cannot be kept, or is damaged; the message says what to do.</exception>
    internal static ServerIdentity? TryTake(string root, int port)
    {
        string wanted = port.ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> directories = Enumerable.Range(1, MaxCount).Select(number => Path.Combine(root, $"{number}"));
        foreach (string directory in directories.OrderBy(directory => port == 0 || LastPort(directory) != wanted))
        {
            if (ServerIdentity.LoadUnlessInUse(directory) is { } identity)
            {
                RememberPort(directory, port == 0 ? null : wanted);
                return identity;
            }
        }

        return null;
    }

    private static string? LastPort(string directory)
    {
        try
        {
            string path = Path.Combine(directory, PortFile);
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A preference, and no more.
            return null;
        }
    }

    private static void RememberPort(string directory, string? port)
    {
        try
        {
            if (port is not null && LastPort(directory) != port)
            {
                UserDataDirectory.TryWrite(Path.Combine(directory, PortFile), port, replace: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }
}
