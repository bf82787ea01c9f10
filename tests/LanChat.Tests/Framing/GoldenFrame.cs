using System.Buffers;
using LanChat.Framing;

namespace LanChat.Tests.Framing;

/// <summary>A frame whose bytes were written by hand from the protocol's text, the values that they stand for, and its decoder.</summary>
internal sealed class GoldenFrame
{
    private GoldenFrame(string name, FrameType type, string hex, Action<IBufferWriter<byte>> write, Recoder recode)
    {
        Name = name;
        Type = type;
        Bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Write = write;
        Recode = recode;
    }

    /// <summary>Decodes a body and, if it is well formed, writes the frame anew.</summary>
    public delegate bool Recoder(ReadOnlySpan<byte> body, IBufferWriter<byte> output);

    public string Name { get; }

    public FrameType Type { get; }

    /// <summary>The whole frame: length, type, body.</summary>
    public byte[] Bytes { get; }

    public ReadOnlySpan<byte> Body => Bytes.AsSpan(FrameLimits.HeaderBytes);

    /// <summary>Writes the frame from its values.</summary>
    public Action<IBufferWriter<byte>> Write { get; }

    public Recoder Recode { get; }

    public static GoldenFrame Of<TFrame>(string name, string hex, Action<IBufferWriter<byte>> write)
        where TFrame : struct, IFrame<TFrame>, allows ref struct
        => new(name, TFrame.Type, hex, write, RecodeAs<TFrame>);

    public static bool RecodeAs<TFrame>(ReadOnlySpan<byte> body, IBufferWriter<byte> output)
        where TFrame : struct, IFrame<TFrame>, allows ref struct
    {
        if (!TFrame.TryDecode(body, out TFrame frame))
        {
            return false;
        }

        frame.WriteTo(output);
        return true;
    }

    public override string ToString() => Name;
}
