using LanChat.Broadcast;
using LanChat.Rooms;

namespace LanChat.Connections;

/// <content>What one send is made of, and what it moves.</content>
internal sealed partial class ServerConnection
{
    private int Gather(Span<ArraySegment<byte>> pieces, Span<int> sources, out int bytes)
    {
        int count = 0;
        bytes = 0;
        bool sendsCursors = !_cursorsForgotten && Session is not null && _sendsEntries;
        if (sendsCursors && _interrupted is not null)
        {
            GatherCursors(pieces, sources, ref count, ref bytes, interruptedOnly: true);
        }

        if (_output is { Count: > 0 } output && count < pieces.Length)
        {
            sources[count] = OutputSource;
            pieces[count++] = output.Pending;
            bytes += output.Count;
        }

        if (sendsCursors)
        {
            GatherCursors(pieces, sources, ref count, ref bytes, interruptedOnly: false);
        }

        return count;
    }

    private void GatherCursors(Span<ArraySegment<byte>> pieces, Span<int> sources, ref int count, ref int bytes, bool interruptedOnly)
    {
        ref MembershipList memberships = ref Session!.Memberships;
        for (int i = 0; i < memberships.Count; i++)
        {
            if (memberships[i].Cursor is { } cursor && cursor == _interrupted == interruptedOnly && !IsUntold(cursor))
            {
                GatherCursor(cursor, memberships[i].StopAt, i, pieces, sources, ref count, ref bytes);
            }
        }

        if (Session.MailboxCursor is { } mailbox && mailbox == _interrupted == interruptedOnly && !IsUntold(mailbox))
        {
            GatherCursor(mailbox, long.MaxValue, MailboxSource, pieces, sources, ref count, ref bytes);
        }
    }

    private static void GatherCursor(
        LogCursor cursor, long stopAt, int source, Span<ArraySegment<byte>> pieces, Span<int> sources, ref int count, ref int bytes)
    {
        if (count == pieces.Length || bytes >= MaxSendBytes)
        {
            return;
        }

        int used = cursor.Gather(pieces[count..], stopAt, MaxSendBytes - bytes, out int gathered);
        sources.Slice(count, used).Fill(source);
        count += used;
        bytes += gathered;
    }

    // Moves each source on by what the link took of it.
    private void Took(ReadOnlySpan<ArraySegment<byte>> pieces, ReadOnlySpan<int> sources, int sent)
    {
        if (sent == 0)
        {
            // Nothing moved: the cursor that an earlier send was cut in still goes first.
            return;
        }

        _interrupted = null;
        int i = 0;
        while (i < pieces.Length && sent > 0)
        {
            int source = sources[i];
            int taken = 0;
            bool isCut = false;
            for (; i < pieces.Length && sources[i] == source; i++)
            {
                int part = Math.Min(sent, pieces[i].Count);
                taken += part;
                sent -= part;
                isCut |= part < pieces[i].Count;
            }

            if (source == OutputSource)
            {
                ConsumeOutput(taken);
                continue;
            }

            LogCursor cursor = source == MailboxSource ? Session!.MailboxCursor! : Session!.Memberships[source].Cursor;
            cursor.Advance(taken);
            if (isCut)
            {
                _interrupted = cursor;
            }
        }
    }
}
