using System.Buffers;
using System.Text;

namespace LanChat.Connections;

/// <summary>Tells three kinds of callers apart on one port by what they say first (docs/protocol.md, section 1).</summary>
internal static class FirstBytes
{
    internal enum Language
    {
        Unknown,
        Tls,
        Frames,
        Text,
    }

    private const byte TlsHandshake = 0x16;
    private const byte TelnetCommand = 0xFF;

    internal static Language Tell(in ReadOnlySequence<byte> bytes)
    {
        byte first = bytes.FirstSpan[0];
        return first switch
        {
            // A first frame has at most 4 KiB, so its length starts with 0.
            0x00 => Language.Frames,
            TlsHandshake => Language.Tls,
            (byte)'\r' or (byte)'\n' or (byte)'\t' or TelnetCommand or (>= 0x20 and < 0x7F) => Language.Text,

            // A person's first letter may be any of Unicode's: what is UTF-8 as far as it goes is taken for text.
            >= 0xC2 and <= 0xF4 when StartsAsUtf8(bytes.FirstSpan) => Language.Text,
            _ => Language.Unknown,
        };
    }

    private static bool StartsAsUtf8(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out _, out int used);
            if (status != OperationStatus.Done)
            {
                return status == OperationStatus.NeedMoreData;
            }

            bytes = bytes[used..];
        }

        return true;
    }
}
