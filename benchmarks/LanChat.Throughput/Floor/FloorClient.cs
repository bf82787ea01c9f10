namespace LanChat.Throughput;

/// <summary>One connection of the floor.</summary>
internal sealed class FloorClient(int descriptor)
{
    internal int Descriptor { get; } = descriptor;

    /// <summary>Gets or sets how far into the log it was sent.</summary>
    internal int Cursor { get; set; }

    /// <summary>Gets or sets whether the kernel did not take all of its last send: it is skipped by rounds until it is writable.</summary>
    internal bool IsBehind { get; set; }

    /// <summary>Gets or sets its place in the list of all.</summary>
    internal int Index { get; set; }

    /// <summary>Gets or sets the beginning of a frame whose rest has not come yet.</summary>
    internal byte[] Held { get; set; } = [];
}
