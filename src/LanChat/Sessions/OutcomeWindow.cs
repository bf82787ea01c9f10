using LanChat.Framing;

namespace LanChat.Sessions;

/// <summary>What a received id is to a session (docs/protocol.md, section 4).</summary>
internal enum IdCheck
{
    /// <summary>The next one: to be carried out, and then recorded.</summary>
    New,

    /// <summary>Carried out or rejected before, outcome still known: to be answered with the same outcome.</summary>
    Repeat,

    /// <summary>Before the window, or not the next one: a protocol violation.</summary>
    Violation,
}

/// <summary>The outcomes of a session's last ids, so that each id has exactly one and a repeat gets the same. The memory for them grows on
/// demand up to the window and is given back when the session is idle. Touched only on the session's loop.</summary>
internal sealed class OutcomeWindow
{
    /// <summary>How many outcomes are kept, and so how many ids a client may have open: PROTOCOL's WELCOME.window.</summary>
    internal const int Size = 1024;

    private const int FirstCapacity = 16;

    private Outcome[] _outcomes = [];

    // Outcomes are known for ids in (_forgotten, Last].
    private ulong _forgotten;

    /// <summary>Gets the last id received; 0 before the first.</summary>
    internal ulong Last { get; private set; }

    internal IdCheck Check(ulong id)
    {
        if (id == Last + 1)
        {
            return IdCheck.New;
        }

        return id != 0 && id <= Last && Last - id < Size ? IdCheck.Repeat : IdCheck.Violation;
    }

    /// <summary>Records the outcome of the next id.</summary>
    internal void Record(Outcome outcome)
    {
        Last++;
        ulong kept = Math.Min(Last - _forgotten, Size);
        if ((int)kept > _outcomes.Length)
        {
            Grow();
        }

        _outcomes[Last % (ulong)_outcomes.Length] = outcome;
    }

    /// <summary>Replaces <see cref="Outcome.Undecided"/> by what became of that id. One that has left the window meanwhile is nobody's any more.</summary>
    internal void Settle(ulong id, Outcome outcome)
    {
        if (Check(id) == IdCheck.Repeat && this[id].IsUndecided)
        {
            _outcomes[id % (ulong)_outcomes.Length] = outcome;
        }
    }

    /// <summary>Gets the outcome of a repeat. One forgotten while idle is answered as carried out with unknown sequence only if it was not
    /// rejected; rejections are never forgotten within the window, see <see cref="Forget"/>.</summary>
    internal Outcome this[ulong id] => id > _forgotten ? _outcomes[id % (ulong)_outcomes.Length] : default;

    /// <summary>Gives the memory back if every outcome in the window is a plain success, whose repeat can be answered without it
    /// (sequence 0: no longer known).</summary>
    internal void Forget()
    {
        if (_outcomes.Length == 0)
        {
            return;
        }

        ulong first = Math.Max(_forgotten, Last < Size ? 0 : Last - Size) + 1;
        for (ulong id = first; id <= Last; id++)
        {
            if (!_outcomes[id % (ulong)_outcomes.Length].IsAccepted)
            {
                return;
            }
        }

        _outcomes = [];
        _forgotten = Last;
    }

    private void Grow()
    {
        var larger = new Outcome[Math.Max(FirstCapacity, _outcomes.Length * 2)];
        for (ulong id = Math.Max(_forgotten + 1, Last < (ulong)_outcomes.Length ? 1 : Last - (ulong)_outcomes.Length); id < Last && _outcomes.Length > 0; id++)
        {
            larger[id % (ulong)larger.Length] = _outcomes[id % (ulong)_outcomes.Length];
        }

        _outcomes = larger;
    }
}

/// <summary>What became of one id: 8 bytes, the code in the upper 16 bits and the sequence in the lower 48.</summary>
internal readonly struct Outcome
{
    private const ushort ResultCode = ushort.MaxValue;
    private const ushort UndecidedCode = ushort.MaxValue - 1;

    private readonly ulong _bits;

    private Outcome(ushort code, ulong sequence) => _bits = ((ulong)code << 48) | sequence;

    internal bool IsAccepted => Code == 0;

    internal bool IsResult => Code == ResultCode;

    internal bool IsUndecided => Code == UndecidedCode;

    internal ushort Code => (ushort)(_bits >> 48);

    internal ulong Sequence => _bits & 0xFFFF_FFFF_FFFF;

    internal static Outcome Accepted(long sequence) => new(0, (ulong)sequence);

    internal static Outcome Rejected(DisconnectReason reason) => new((ushort)reason, 0);

    /// <summary>A message that was not rejected.</summary>
    /// <param name="sequence">Its sequence; 0: the app is still to decide.</param>
    internal static Outcome Of(long sequence) => sequence == 0 ? Undecided : Accepted(sequence);

    internal static Outcome Carried() => new(ResultCode, 0);

    /// <summary>Makes the mark of an id that is still being carried out: a repeat gets no answer and no second execution, and the outcome goes to whichever connection the session has then.</summary>
    internal static Outcome Undecided => new(UndecidedCode, 0);

    /// <summary>Writes the answer: ACK, REJECTED or RESULT. The sentence goes with the first one only.</summary>
    internal void WriteTo(System.Buffers.IBufferWriter<byte> output, ulong id, ReadOnlySpan<byte> text = default)
    {
        if (IsUndecided)
        {
            return;
        }

        if (IsAccepted)
        {
            new AckFrame { Id = id, Sequence = Sequence }.WriteTo(output);
        }
        else if (IsResult)
        {
            new ResultFrame { Id = id, Text = text }.WriteTo(output);
        }
        else
        {
            new RejectedFrame { Id = id, Code = Code, Text = text }.WriteTo(output);
        }
    }
}
