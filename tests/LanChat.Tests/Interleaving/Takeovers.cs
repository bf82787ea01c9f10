using LanChat.Framing;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Interleaving;

/// <summary>Two connections that want the same session at once, and the one that has it: whatever their order, what must come of it.</summary>
internal static class Takeovers
{
    /// <summary>All say the same id, each with a text of its own, as no true client does: so it is seen whose frame was carried out.</summary>
    internal static bool Come(CaseMember ann, CaseClient client, uint attempt, string text) =>
        client.Write(ann.Hello(attempt), WireFrame.Join("lobby"), WireFrame.Publish(1, id: 1, text));

    /// <summary>Returns what it came to.</summary>
    internal static IEnumerable<string> Check(CaseServer server, CaseMember ann, CaseClient second, CaseClient third)
    {
        ann.First.Read();
        second.Read();
        third.Read();

        // The third wins, whoever came first; the others are told, and the second is welcomed or not at all.
        WelcomeFrame welcome = third.First(FrameType.Welcome)!.Welcome;
        Assert.Equal((ann.Id, WelcomeFrame.ResumedFlag), (welcome.Session, welcome.Flags));
        Assert.Null(third.First(FrameType.Bye));
        Assert.True(ann.First.IsToldReplaced);
        Assert.True(second.IsToldReplaced);

        // The id is carried out once, and by nobody else once the third was welcomed.
        string published = Assert.Single(server.Texts());
        Assert.Equal(welcome.LastId == 0, published == "third");
        Assert.Equal(welcome.LastId == 0 ? 0 : 1, third.Frames.Acks().Length);

        // It was there all the time, and what is in the room has come to it.
        Assert.Equal(["ann"], server.Roster());
        Assert.Equal([EntryKind.Joined, EntryKind.Message], server.Log().Select(entry => entry.Kind));
        Assert.Equal(2 - (long)third.First(FrameType.Joined)!.Joined.Newest, third.Sequences().Count);
        return second.First(FrameType.Welcome) is null ? [published, "second unheard"] : [published];
    }
}
