namespace LanChat.Tests.Server;

/// <summary>An app that answers when the test says so.</summary>
internal sealed class SlowApp
{
    private readonly Dictionary<string, (TaskCompletionSource<PublishDecision> Answer, CancellationToken Token)> _open = [];

    internal List<string> Asked { get; } = [];

    internal ValueTask<PublishDecision> Decide(PublishRequest request, CancellationToken cancellationToken)
    {
        Asked.Add(request.Text);
        _open.Add(request.Text, (new TaskCompletionSource<PublishDecision>(), cancellationToken));
        return new ValueTask<PublishDecision>(_open[request.Text].Answer.Task);
    }

    internal CancellationToken Token(string text) => _open[text].Token;

    internal void Answer(string text, PublishDecision decision) => _open[text].Answer.SetResult(decision);
}
