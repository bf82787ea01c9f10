using System.Runtime.InteropServices;

namespace LanChat.Security;

/// <summary>Where this user's keys and pins are, and how a file of theirs is written: only the user reads it, and it is there whole or not at all.</summary>
internal static partial class UserDataDirectory
{
    private const UnixFileMode OnlyUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Gets <c>lanchat</c> in the user's data directory (Linux: <c>$XDG_DATA_HOME</c> or <c>~/.local/share</c>). It may not exist.</summary>
    internal static string Root =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "lanchat");

    /// <summary>Makes a directory that only the user enters, where there is none yet.</summary>
    internal static void Create(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            // Below the user's profile, whose access list is inherited.
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OnlyUser | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes a file beside its place and moves it there. False when there is one already and it is not to be replaced.</summary>
    internal static bool TryWrite(string path, string text, bool replace)
    {
        string beside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OnlyUser;
            }

            using (var stream = new FileStream(beside, options))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            if (replace || !TryLink(beside, path, out bool isFirst))
            {
                File.Move(beside, path, replace);
                return true;
            }

            return isFirst;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(beside);
        }
    }

    // File.Move looks whether there is a file, and then renames: of two who make it at once, the second would replace the first one's. A link is made or not, in one step; the name beside goes
    // in any case. False where there are no links (Windows, whose move is one step as well; FAT).
    private static bool TryLink(string beside, string path, out bool isFirst)
    {
        // The same on Linux and macOS.
        const int FileExists = 17;

        isFirst = false;
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        isFirst = Link(beside, path) == 0;
        return isFirst || Marshal.GetLastPInvokeError() == FileExists;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    /// <summary>Says whether others than the user may read or change a file. Windows: never said; the profile's access list is trusted.</summary>
    internal static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMay) != 0;

    /// <summary>Says the same of an open file, which nobody can put another one in the place of.</summary>
    internal static bool IsOpenToOthers(Microsoft.Win32.SafeHandles.SafeFileHandle file) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OthersMay) != 0;

    /// <summary>Says whether others than the user may change an open file. Windows: never said, as above.</summary>
    internal static bool IsChangeableByOthers(Microsoft.Win32.SafeHandles.SafeFileHandle file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>Takes the lock that a file is; made if there is none. Null when another process, or another part of this one, has it. The system releases it with the process; the empty
    /// file stays, because removing it would let two hold two of them.</summary>
    /// <exception cref="IOException">The file cannot be had for another reason.</exception>
    internal static FileStream? TryLock(string path)
    {
        // Linux, macOS: EWOULDBLOCK of flock. Windows: a sharing or lock violation.
        const int LinuxWouldBlock = 11;
        const int AppleWouldBlock = 35;
        const int SharingViolation = unchecked((int)0x80070020);
        const int LockViolation = unchecked((int)0x80070021);

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OnlyUser;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (IOException exception) when (exception.HResult is LinuxWouldBlock or AppleWouldBlock or SharingViolation or LockViolation)
        {
            return null;
        }
    }
}
