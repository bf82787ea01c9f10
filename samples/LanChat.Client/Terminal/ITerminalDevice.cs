namespace LanChat.Samples.Terminal;

/// <summary>What a terminal is to one operating system.</summary>
internal interface ITerminalDevice
{
    /// <summary>Gets the size now; something usable when the terminal does not say.</summary>
    Size Size { get; }

    /// <summary>Takes keys as they come, without echo and without signals from them; remembers what was before, the first time.</summary>
    void SetRaw();

    /// <summary>Sets what was before the first <see cref="SetRaw"/>. Does not throw, and may be called at any time from any thread.</summary>
    void Restore();

    /// <summary>Waits for bytes. 0: the terminal is gone.</summary>
    int Read(Span<byte> buffer);

    /// <summary>Writes all bytes. A terminal that is gone takes them all the same.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Stops the program and what it was started by, as the shell's Ctrl-Z does, where there is such a thing.</summary>
    void Suspend();
}
