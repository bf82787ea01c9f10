using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LanChat.Samples.Terminal;

/// <summary>A terminal through termios.</summary>
/// <remarks>Its settings are one opaque piece of memory here: their layout differs from system to system, and nobody needs to look into it. Not
/// through <see cref="Console"/>, whose reading has a line editor and terminal settings of its own.</remarks>
internal sealed unsafe partial class UnixTerminal : ITerminalDevice
{
    private const int Input = 0;
    private const int Output = 1;
    private const int AfterOutput = 1;
    private const int InterruptedCall = 4;

    // struct termios has 60 bytes on Linux and 72 on macOS.
    private const int SettingsBytes = 256;

    // SIGTSTP where it is not 20.
    private const int StopOnBsd = 18;
    private const int StopOnLinux = 20;

    private readonly byte[] _before = new byte[SettingsBytes];
    private readonly Stream _output = Console.OpenStandardOutput();
    private volatile bool _isKnown;

    public Size Size
    {
        get
        {
            // ioctl takes variable arguments, which not every system passes like others: elsewhere Console knows how.
            ushort* size = stackalloc ushort[4];
            const nuint GetWindowSize = 0x5413;
            if (OperatingSystem.IsLinux() && IoControl(Output, GetWindowSize, size) == 0)
            {
                return Usable(size[1], size[0]);
            }

            return OperatingSystem.IsLinux() ? Usable(0, 0) : Usable(Console.WindowWidth, Console.WindowHeight);
        }
    }

    public void SetRaw()
    {
        if (!_isKnown)
        {
            fixed (byte* before = _before)
            {
                if (GetAttributes(Input, before) != 0)
                {
                    throw new Win32Exception();
                }
            }

            _isKnown = true;
        }

        byte[] raw = [.. _before];
        fixed (byte* settings = raw)
        {
            MakeRaw(settings);
            _ = SetAttributes(Input, AfterOutput, settings);
        }
    }

    public void Restore()
    {
        if (_isKnown)
        {
            fixed (byte* before = _before)
            {
                _ = SetAttributes(Input, AfterOutput, before);
            }
        }
    }

    public int Read(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint read;
            do
            {
                read = Read(Input, bytes, (nuint)buffer.Length);
            }
            while (read < 0 && Marshal.GetLastPInvokeError() == InterruptedCall);

            return (int)Math.Max(read, 0);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
            _output.Flush();
        }
        catch (IOException)
        {
            // The terminal hung up: reading says so as well, and that ends the program.
        }
    }

    public void Suspend() => _ = Kill(0, OperatingSystem.IsLinux() ? StopOnLinux : StopOnBsd);

    private static Size Usable(int columns, int rows) => new(columns > 0 ? columns : 80, rows > 0 ? rows : 24);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetAttributes(int descriptor, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAttributes(int descriptor, int when, byte* settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void MakeRaw(byte* settings);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int IoControl(int descriptor, nuint request, ushort* size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
