namespace LanChat.Tests.Support;

/// <summary>The accesses of <see cref="Access"/>, by the same numbers, and those that only the scheduler knows.</summary>
internal enum StepKind
{
    ReadTail = Access.ReadTail,
    ChangeTail = Access.ChangeTail,
    ReadEnd = Access.ReadEnd,
    AwaitEnd = Access.AwaitEnd,
    WriteEnd = Access.WriteEnd,
    ReadNext = Access.ReadNext,
    LinkNext = Access.LinkNext,
    ReadLength = Access.ReadLength,
    AwaitLength = Access.AwaitLength,
    WriteLength = Access.WriteLength,
    ReadHint = Access.ReadHint,
    WriteHint = Access.WriteHint,
    AddReference = Access.AddReference,
    DropReference = Access.DropReference,
    Recycle = Access.Recycle,
    Pool = Access.Pool,
    Read = Access.Read,
    Change = Access.Change,
    Lock = Access.Lock,
    TryLock = Access.TryLock,

    /// <summary>Ends a wait.</summary>
    Ring = 100,

    /// <summary>Waits until somebody has rung since the last wait.</summary>
    AwaitRing = 101,
}

/// <summary>One step on shared memory: what is done, to which object of this run, where in it.</summary>
internal readonly record struct ScheduleStep(StepKind Kind, int Place, int Offset)
{
    private enum Field
    {
        Tail,
        End,
        Next,
        Length,
        Hint,
        References,
        Word,
        Bell,
        Whole,
    }

    /// <summary>Whether the order of the two can matter: they touch the same thing and one of them changes it.</summary>
    public bool DependsOn(in ScheduleStep other)
    {
        if (Place != other.Place)
        {
            return false;
        }

        (Field field, bool writes) = Effect;
        (Field otherField, bool otherWrites) = other.Effect;
        if (!writes && !otherWrites)
        {
            return false;
        }

        // Recycling overwrites everything: against any use of the segment, both orders are tried.
        if (field == Field.Whole || otherField == Field.Whole)
        {
            return true;
        }

        return field == otherField
            && (field is not (Field.Length or Field.Word) || Offset == other.Offset)
            && !(Kind == other.Kind && Kind is StepKind.AddReference or StepKind.Ring);
    }

    /// <summary>A wait is never possible before the one step it waits for, so the two are no race.</summary>
    public bool WaitsFor(in ScheduleStep other) => (Kind, other.Kind) is (StepKind.AwaitEnd, StepKind.WriteEnd) or (StepKind.AwaitLength, StepKind.WriteLength);

    private (Field Field, bool Writes) Effect => Kind switch
    {
        StepKind.ReadTail => (Field.Tail, false),
        StepKind.ChangeTail => (Field.Tail, true),
        StepKind.ReadEnd or StepKind.AwaitEnd => (Field.End, false),
        StepKind.WriteEnd => (Field.End, true),
        StepKind.ReadNext => (Field.Next, false),
        StepKind.LinkNext => (Field.Next, true),
        StepKind.ReadLength or StepKind.AwaitLength => (Field.Length, false),
        StepKind.WriteLength => (Field.Length, true),
        StepKind.ReadHint => (Field.Hint, false),
        StepKind.WriteHint => (Field.Hint, true),
        StepKind.AddReference or StepKind.DropReference => (Field.References, true),
        StepKind.Read => (Field.Word, false),
        StepKind.Change => (Field.Word, true),
        StepKind.Ring or StepKind.AwaitRing => (Field.Bell, true),
        _ => (Field.Whole, true),
    };

    public override string ToString() => Offset == 0 ? $"{Kind} #{Place}" : $"{Kind} #{Place}@{Offset}";
}
