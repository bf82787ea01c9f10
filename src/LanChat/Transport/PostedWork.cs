namespace LanChat.Transport;

/// <summary>One rare thing another thread asks a loop to do. Allocated: this is not the message path.</summary>
internal abstract class PostedWork : IStackNode<PostedWork>
{
    public PostedWork? Next { get; set; }

    internal abstract void Run();
}

/// <inheritdoc/>
internal sealed class PostedWork<T>(Action<T> work, T state) : PostedWork
{
    internal override void Run() => work(state);
}
