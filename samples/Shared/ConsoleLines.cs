using System.Text;
using System.Threading.Channels;

namespace LanChat.Samples;

/// <summary>Standard input as lines that can be awaited, and standard output and error as UTF-8 that leaves line by line, also into a pipe.</summary>
internal static class ConsoleLines
{
    // Lines that were read ahead; a file is not taken into memory faster than its lines are used.
    private const int ReadAhead = 16;

    /// <summary>Gets standard output, on which nothing that is written can steer a terminal.</summary>
    internal static SafeWriter Output { get; } = new SafeWriter(static () => Console.Out, Console.IsOutputRedirected ? null : ScreenColumns);

    /// <summary>Gets standard error, in the same way.</summary>
    internal static SafeWriter Errors { get; } = new SafeWriter(static () => Console.Error, Console.IsErrorRedirected ? null : ScreenColumns);

    /// <summary>Has both streams of the console speak UTF-8. Console writers flush each line by themselves and may be used from several threads.</summary>
    internal static void UseUtf8() => Console.OutputEncoding = Encoding.UTF8;

    /// <summary>Starts to read standard input. The reader completes at its end.</summary>
    internal static ChannelReader<string> ReadInput()
    {
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(ReadAhead) { SingleReader = true, SingleWriter = true });

        // A read of the console blocks and cannot be cancelled: it has a thread of its own, which does not hold up the end of the program.
        new Thread(() => Read(lines.Writer)) { IsBackground = true, Name = "standard input" }.Start();
        return lines.Reader;
    }

    private static int ScreenColumns() => Console.WindowWidth;

    private static void Read(ChannelWriter<string> lines)
    {
        try
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            while (input.ReadLine() is { } line)
            {
                while (!lines.TryWrite(line))
                {
                    lines.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();
                }
            }
        }
        catch (IOException)
        {
            // A console that went away has said all it will say, like one that ended.
        }
        finally
        {
            lines.Complete();
        }
    }
}
