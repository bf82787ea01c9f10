namespace LanChat.Transport;

/// <summary>One thing another thread asks a loop to do. Rare ones are allocated; one that comes often is posted again and again, once it has run.</summary>
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
