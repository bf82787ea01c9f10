using System.Diagnostics.CodeAnalysis;

[assembly: SuppressMessage(
    "Usage",
    "xUnit1051",
    Justification = "Every wait in these tests has an end of its own.",
    Scope = "namespaceanddescendants",
    Target = "~N:LanChat.Tests.Client")]

namespace LanChat.Tests.Client;

/// <summary>Awaits with an end to patience, so that a hang is a failure.</summary>
internal static class TaskPatience
{
    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(ScriptedServer.Patience);

    public static Task Soon(this ValueTask task) => task.AsTask().WaitAsync(ScriptedServer.Patience);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(ScriptedServer.Patience);

    public static Task Soon(this Task task) => task.WaitAsync(ScriptedServer.Patience);

    /// <summary>Takes the next <paramref name="count"/> events, or fewer when they come to an end.</summary>
    public static async Task<List<RoomEvent>> TakeAsync(this IAsyncEnumerable<RoomEvent> events, int count)
    {
        var taken = new List<RoomEvent>();
        await using IAsyncEnumerator<RoomEvent> reader = events.GetAsyncEnumerator();
        while (taken.Count < count && await reader.MoveNextAsync().Soon())
        {
            taken.Add(reader.Current);
        }

        return taken;
    }

    /// <summary>Waits until a client is, or was since its last states, in a state.</summary>
    public static Task UntilAsync(this ChatClient client, ChatState state) => client.UntilAsync(change => change.State == state);

    public static async Task UntilAsync(this ChatClient client, Func<ChatStateChange, bool> isIt)
    {
        await using IAsyncEnumerator<ChatStateChange> states = client.ReadStatesAsync().GetAsyncEnumerator();
        do
        {
            if (!await states.MoveNextAsync().Soon())
            {
                throw new InvalidOperationException("It has ended.");
            }
        }
        while (!isIt(states.Current));
    }

    public static async Task<RoomEvent> NextAsync(this IAsyncEnumerator<RoomEvent> reader) =>
        await reader.MoveNextAsync().Soon() ? reader.Current : throw new InvalidOperationException("The events came to an end.");
}
