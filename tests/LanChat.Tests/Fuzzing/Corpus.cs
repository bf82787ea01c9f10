using System.Buffers.Binary;

namespace LanChat.Tests.Fuzzing;

/// <summary>Good inputs of one kind, and how bad ones are made of them: bits flipped, ranges cut, repeated and moved in from elsewhere, numbers made interesting, words put in.</summary>
/// <param name="items">The good inputs.</param>
/// <param name="words">What the format has a use for, such as separators and escapes.</param>
internal sealed class Corpus(IReadOnlyList<byte[]> items, params IReadOnlyList<byte[]> words)
{
    private const int MaxChanges = 5;
    private const int MaxInsertedBytes = 300;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 7, 8, 16, 31, 32, 48, 63, 64, 100, 127, 128, 254, 255, 256, 1023, 1024, 4095, 4096, 4097, 32767, 32768, 65534, 65535, 65536, 0xFFFFFF, 0x1000000, 0x1000001,
        0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
    ];

    private readonly byte[][] _items = [.. items];
    private readonly byte[][] _words = [.. words];

    /// <summary>The longest input that is made.</summary>
    internal int MaxBytes { get; } = items.Max(item => item.Length) + 1024;

    /// <summary>Makes one input; some are as good as they were.</summary>
    internal int Make(FuzzRandom random, byte[] input)
    {
        byte[] item = random.Of<byte[]>(_items);
        item.CopyTo(input, 0);
        int length = item.Length;
        for (int changes = random.Below(MaxChanges); changes > 0; changes--)
        {
            length = Change(ref random, input, length);
        }

        return length;
    }

    private int Change(ref FuzzRandom random, byte[] input, int length)
    {
        int at = random.Below(length);
        int count = random.Below(Math.Min(length - at, MaxInsertedBytes) + 1);
        switch (random.Below(10))
        {
            case 0 when length > 0:
                input[at] ^= (byte)(1 << random.Below(8));
                return length;
            case 1 when length > 0:
                input[at] = (byte)random.Next();
                return length;
            case 2:
                WriteNumber(ref random, input.AsSpan(at, length - at));
                return length;
            case 3 when length > 0:
                // A length that is a little too long or too short.
                input[at] += (byte)(random.Below(5) - 2);
                return length;
            case 4:
                return random.Below(length + 1);
            case 5:
                input.AsSpan(at + count, length - at - count).CopyTo(input.AsSpan(at));
                return length - count;
            case 6:
                return Insert(input, length, at, input.AsSpan(at, count).ToArray());
            case 7 when _words.Length > 0:
                return Insert(input, length, at, random.Of<byte[]>(_words));
            case 8:
                byte[] noise = new byte[random.Below(MaxInsertedBytes)];
                random.Fill(noise);
                return Insert(input, length, at, noise);
            default:
                // The end of another one.
                byte[] other = random.Of<byte[]>(_items);
                return Insert(input, at, at, other.AsSpan(random.Below(other.Length)));
        }
    }

    private static void WriteNumber(ref FuzzRandom random, Span<byte> at)
    {
        ulong number = random.Of<ulong>(Numbers);
        switch (random.Below(4))
        {
            case 0 when at.Length >= sizeof(ulong):
                BinaryPrimitives.WriteUInt64BigEndian(at, number);
                break;
            case 1 when at.Length >= sizeof(uint):
                BinaryPrimitives.WriteUInt32BigEndian(at, (uint)number);
                break;
            case 2 when at.Length >= sizeof(ushort):
                BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)number);
                break;
            case > 0 when at.Length > 0:
                at[0] = (byte)number;
                break;
        }
    }

    private static int Insert(byte[] input, int length, int at, ReadOnlySpan<byte> inserted)
    {
        inserted = inserted[..Math.Min(inserted.Length, input.Length - length)];
        input.AsSpan(at, length - at).CopyTo(input.AsSpan(at + inserted.Length));
        inserted.CopyTo(input.AsSpan(at));
        return length + inserted.Length;
    }
}
