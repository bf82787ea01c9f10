using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LanChat.Throughput;

/// <summary>A message whose every byte follows from its publisher and number: 8 hexadecimal digits each, then letters.</summary>
internal static class CheckPayload
{
    private const int DigitsBytes = 8;

    /// <summary>Gets how long a message is: short ones, and among them long ones, so that lengths take another form.</summary>
    internal static int Bytes(int number) => number % 4 == 3 ? 700 : 64;

    internal static byte[] Make(int publisher, int number)
    {
        byte[] payload = new byte[Bytes(number)];
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)('a' + ((publisher + number + i) % 26));
        }

        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{publisher:x8}{number:x8}")).CopyTo(payload, 0);
        return payload;
    }

    internal static int Publisher(ReadOnlySpan<byte> payload) =>
        payload.Length > 2 * DigitsBytes && Utf8Parser.TryParse(payload[..DigitsBytes], out int publisher, out int read, 'x') && read == DigitsBytes
            ? publisher
            : throw new InvalidDataException($"Nobody sent this: {Ascii.Quote(payload)}");
}
