namespace LanChat.Connections;

/// <summary>The output buffers that a loop lends to those of its connections that have something to say. Touched only on the loop.</summary>
internal sealed class OutputBuffers
{
    /// <summary>Kept for reuse. They are small, and hold no memory while they are empty.</summary>
    private const int MaxKept = 1024;

    private readonly Stack<OutputBuffer> _kept = new();

    internal OutputBuffer Lend() => _kept.TryPop(out OutputBuffer? kept) ? kept : new OutputBuffer();

    internal void TakeBack(OutputBuffer empty)
    {
        if (_kept.Count < MaxKept)
        {
            _kept.Push(empty);
        }
    }
}
