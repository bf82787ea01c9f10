using System.Buffers;

namespace LanChat.Tests.Support;

/// <summary>Cuts bytes into pieces, as a network may: anywhere, into one-byte pieces, with empty ones between.</summary>
internal static class ByteSplitter
{
    /// <summary>Cuts <paramref name="bytes"/> at the given places, each taken modulo the length. Equal cuts make empty pieces.</summary>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> bytes, IEnumerable<int> cuts)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        int start = 0;
        foreach (int end in cuts.Select(cut => (int)((uint)cut % (uint)(bytes.Length + 1))).Order())
        {
            pieces.Add(bytes[start..end]);
            start = end;
        }

        pieces.Add(bytes[start..]);
        return pieces;
    }

    /// <summary>Cuts <paramref name="bytes"/> into pieces of one size; the last may be shorter.</summary>
    public static List<ReadOnlyMemory<byte>> SplitEvery(ReadOnlyMemory<byte> bytes, int pieceBytes)
        => Split(bytes, Enumerable.Range(1, Math.Max(0, (bytes.Length - 1) / pieceBytes)).Select(i => i * pieceBytes));

    /// <summary>Makes one sequence of the pieces, a segment each; every piece is a copy, so that reading past one cannot go unnoticed.</summary>
    public static ReadOnlySequence<byte> ToSequence(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var first = new Segment(pieces[0].ToArray(), null);
        Segment last = first;
        foreach (ReadOnlyMemory<byte> piece in pieces.Skip(1))
        {
            last = new Segment(piece.ToArray(), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
