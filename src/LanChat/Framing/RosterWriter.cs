using System.Buffers;

namespace LanChat.Framing;

/// <summary>Writes a member list as ROSTER frames: as few as max frame allows, all but the last saying that more follow. No members is one frame too.</summary>
internal static class RosterWriter
{
    /// <summary>A max frame that holds any one name; below it a list could not be written at all.</summary>
    public const int MinFrameBytes = FrameLimits.TypeBytes + RosterFrame.FixedBytes + 1 + FrameLimits.MaxStr8Bytes;

    /// <summary>Writes all of <paramref name="names"/>.</summary>
    /// <param name="output">Where the frames go.</param>
    /// <param name="room">The room's number on that connection.</param>
    /// <param name="sequence">The entry after which these are the members.</param>
    /// <param name="names">The names, UTF-8, at most 255 bytes each.</param>
    /// <param name="maxFrameBytes">The largest length word allowed; at least <see cref="MinFrameBytes"/>.</param>
    public static void Write(IBufferWriter<byte> output, uint room, ulong sequence, ReadOnlySpan<byte[]> names, int maxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, MinFrameBytes);
        do
        {
            int count = CountFitting(names, maxFrameBytes, out int nameBytes);
            ReadOnlySpan<byte[]> part = names[..count];
            names = names[count..];

            FieldWriter fields = RosterFrame.Begin(output, room, sequence, more: !names.IsEmpty, (ushort)count, nameBytes);
            foreach (byte[] name in part)
            {
                fields.Str8(name);
            }

            fields.End();
        }
        while (!names.IsEmpty);
    }

    private static int CountFitting(ReadOnlySpan<byte[]> names, int maxFrameBytes, out int nameBytes)
    {
        int room = maxFrameBytes - FrameLimits.TypeBytes - RosterFrame.FixedBytes;
        int count = 0;
        nameBytes = 0;
        while (count < names.Length && count < ushort.MaxValue)
        {
            int next = FieldWriter.Str8Bytes(names[count]);

            // The first one is always taken: it fits, or it is longer than a str8 and throws when written. So the caller's loop ends.
            if (count > 0 && nameBytes + next > room)
            {
                break;
            }

            nameBytes += next;
            count++;
        }

        return count;
    }
}
