using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>A Windows console in the mode in which it speaks the same sequences as other terminals.</summary>
/// <remarks>Keys are read as UTF-16: as bytes, several versions of Windows lose all that is not ASCII.</remarks>
internal sealed unsafe partial class WindowsTerminal : ITerminalDevice
{
    private const int InputHandle = -10;
    private const int OutputHandle = -11;

    // Of the input: Ctrl-C as a key, no lines, no echo, escape sequences.
    private const uint ProcessedInput = 0x1;
    private const uint LineInput = 0x2;
    private const uint EchoInput = 0x4;
    private const uint VirtualTerminalInput = 0x200;

    // Of the output: escape sequences, and a line feed that is one.
    private const uint ProcessedOutput = 0x1;
    private const uint VirtualTerminalOutput = 0x4;
    private const uint DisableNewlineAutoReturn = 0x8;

    private readonly nint _input = GetStdHandle(InputHandle);
    private readonly nint _output = GetStdHandle(OutputHandle);
    private readonly Stream _stream = Console.OpenStandardOutput();
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private uint _inputBefore;
    private uint _outputBefore;
    private volatile bool _isKnown;

    public Size Size => new(Math.Max(1, Console.WindowWidth), Math.Max(1, Console.WindowHeight));

    public void SetRaw()
    {
        if (!_isKnown)
        {
            if (!GetConsoleMode(_input, out _inputBefore) || !GetConsoleMode(_output, out _outputBefore))
            {
                throw new Win32Exception();
            }

            _isKnown = true;
        }

        SetConsoleMode(_input, (_inputBefore & ~(ProcessedInput | LineInput | EchoInput)) | VirtualTerminalInput);
        SetConsoleMode(_output, _outputBefore | ProcessedOutput | VirtualTerminalOutput | DisableNewlineAutoReturn);
    }

    public void Restore()
    {
        if (_isKnown)
        {
            SetConsoleMode(_input, _inputBefore);
            SetConsoleMode(_output, _outputBefore);
        }
    }

    public int Read(Span<byte> buffer)
    {
        // At most three bytes of UTF-8 for one unit of UTF-16; a surrogate that the read before ended with is kept in the encoder.
        Span<char> characters = stackalloc char[Math.Min(256, buffer.Length / 4)];
        int written = 0;
        while (written == 0)
        {
            uint read;
            fixed (char* start = characters)
            {
                if (!ReadConsole(_input, start, (uint)characters.Length, out read, 0) || read == 0)
                {
                    return 0;
                }
            }

            written = _encoder.GetBytes(characters[..(int)read], buffer, flush: false);
        }

        return written;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
            _stream.Flush();
        }
        catch (IOException)
        {
            // The window was closed.
        }
    }

    public void Suspend()
    {
        // Windows has no such thing.
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetStdHandle(int which);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetConsoleMode(nint handle, out uint mode);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetConsoleMode(nint handle, uint mode);

    [LibraryImport("kernel32", EntryPoint = "ReadConsoleW", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool ReadConsole(nint handle, char* buffer, uint length, out uint read, nint control);
}
