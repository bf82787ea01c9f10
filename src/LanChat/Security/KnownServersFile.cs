namespace LanChat.Security;

/// <summary>The file of known servers: read whole, checked, and replaced whole under a lock.</summary>
internal sealed class KnownServersFile(string path)
{
    // 1,000 servers with the longest names and addresses that they may have come to less.
    internal const int MaxFileBytes = 8 * 1024 * 1024;

    // Another process holds the lock for milliseconds; one that is stopped in the middle of it must not hold this one for ever: after three seconds it is said. Real time, whatever clock
    // this one's app has: the other process lives in it.
    private const int LockAttempts = 300;
    private static readonly TimeSpan LockRetryInterval = TimeSpan.FromMilliseconds(10);

    internal string Path { get; } = path;

    /// <summary>Reads all. A missing file is an empty one.</summary>
    /// <exception cref="ChatException">Others can change it, it is damaged, or the system does not let it be read.</exception>
    internal List<KnownServer> Read()
    {
        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (UserDataDirectory.IsChangeableByOthers(stream.SafeFileHandle))
            {
                throw Refused($"{Path} can be changed by other users, who may have put keys of their own into it: look through it, then chmod 600 it, or delete it to forget all servers");
            }

            if (stream.Length > MaxFileBytes)
            {
                throw Refused($"{Path} has more than {MaxFileBytes} bytes, so it is damaged: delete it to forget all servers, or restore it from a copy");
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return KnownServersFormat.TryRead(bytes, out List<KnownServer> servers, out int line, out string complaint)
                ? servers
                : throw Refused($"{Path}, line {line}: {complaint}. Correct the line or delete it (its server is then taken for a new one), or delete the file to forget all servers");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused($"the known servers cannot be read from {Path}: {exception.Message.TrimEnd('.')}; make it readable, or choose another file for them (KnownServers)", exception);
        }
    }

    /// <summary>Reads, changes and, if anything was changed, writes: in one step, whoever else does the same.</summary>
    /// <param name="change">Changes the list and returns how much.</param>
    /// <param name="cancellationToken">Ends the wait for another process; nothing is changed then.</param>
    internal async ValueTask<int> ChangeAsync(Func<List<KnownServer>, int> change, CancellationToken cancellationToken)
    {
        try
        {
            UserDataDirectory.Create(System.IO.Path.GetDirectoryName(Path)!);
            using FileStream held = await HoldAsync(cancellationToken).ConfigureAwait(false);
            List<KnownServer> servers = Read();
            int changes = change(servers);
            if (changes > 0)
            {
                UserDataDirectory.TryWrite(Path, KnownServersFormat.Write(servers), replace: true);
            }

            return changes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(
                $"the known servers cannot be kept in {Path}: {exception.Message.TrimEnd('.')}; make its directory writable, choose another file for them, or keep them in memory only (KnownServers.InMemory)",
                exception);
        }
    }

    private async ValueTask<FileStream> HoldAsync(CancellationToken cancellationToken)
    {
        string path = Path + ".lock";
        for (int attempt = 1; attempt < LockAttempts; attempt++)
        {
            if (UserDataDirectory.TryLock(path) is { } held)
            {
                return held;
            }

            await Task.Delay(LockRetryInterval, cancellationToken).ConfigureAwait(false);
        }

        throw Refused($"another program holds {path} and does not let go: end it, and try again");
    }

    private static ChatException Refused(string text, Exception? inner = null) => new(DisconnectReason.Aborted, text, inner);
}
