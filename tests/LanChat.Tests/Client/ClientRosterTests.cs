using FsCheck;
using FsCheck.Fluent;
using LanChat.Connections.Client;
using LanChat.Framing;
using LanChat.Tests.Framing;
using Xunit;

namespace LanChat.Tests.Client;

/// <summary>Roster plus entries are the members, always: a room's random history is sent with holes, late and early rosters, and after each frame the
/// client's list is the one that the history has at that point.</summary>
public sealed class ClientRosterTests
{
    [Fact]
    public void The_member_list_is_that_of_the_newest_entry_or_roster_seen()
    {
        Gen<Step> step = ArbMap.Default.GeneratorFor<byte>().Three().Select(t => new Step(t.Item1, t.Item2, t.Item3));
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            PlayAsync(steps).GetAwaiter().GetResult();
            return true;
        }).Check(FuzzRun.Properties);
    }

    [Fact]
    public void A_server_cannot_fill_the_list_by_ever_new_names()
    {
        const int MaxNames = 65_536;
        var roster = new ClientRoster();
        roster.OnJoined(isCounted: false, newest: 0, members: 0);
        for (int i = 1; i <= MaxNames; i++)
        {
            Assert.Null(roster.OnCame($"member-{i}", i, i));
        }

        Assert.Null(roster.OnCame("member-1", MaxNames + 1, MaxNames));
        Assert.Contains("65536", roster.OnCame("one more", MaxNames + 2, MaxNames + 1), StringComparison.Ordinal);
    }

    private static async Task PlayAsync(IReadOnlyList<Step> steps)
    {
        var server = new ScriptedServer(isTls: false);
        ChatClient client = await server.WelcomeAsync();
        var history = new History();
        history.Grow(steps.Count > 0 ? steps[0].Amount % 8 : 0, salt: 3);
        long newest = history.Append(EntryKind.Joined, "ada");
        long next = Math.Max(1, newest - (steps.Count % 4));

        Task<ChatRoom> joining = client.JoinAsync("lobby").AsTask();
        await server.NextAsync();
        server.SendJoined("lobby", 1, (ulong)next, (ulong)newest, (uint)history.MembersAt(newest).Length);
        server.SendRoster(1, (ulong)newest, history.MembersAt(newest));
        ChatRoom room = await joining.Soon();
        long known = newest;
        foreach (Step step in steps)
        {
            long ahead = step.Amount % 4;
            switch (step.What % 8)
            {
                case 0:
                    // Passed over, and the roster that follows is at or beyond the end of the gap.
                    history.GrowTo(next + ahead + 2, step.Salt);
                    server.Send(new GapFrame { Room = 1, From = (ulong)next, To = (ulong)(next + ahead) });
                    next += ahead + 1;
                    known = SendRoster(Math.Max(known, next - 1 + (step.Salt % 3)));
                    break;
                case 1:
                    // The answer to WHO, ahead of the entries.
                    history.GrowTo(next - 1 + ahead, step.Salt);
                    known = Math.Max(known, SendRoster(Math.Max(known, next - 1 + ahead)));
                    break;
                case 2 when next > 1:
                    // The answer to WHO, overtaken by the entries.
                    SendRoster(Math.Max(1, next - 2));
                    break;
                default:
                    history.GrowTo(next, step.Salt);
                    history.Send(server, next++);
                    break;
            }

            known = Math.Max(known, next - 1);
            await server.ActedAsync();
            Assert.Equal(history.MembersAt(known), room.Members);
            Assert.Equal(history.MembersAt(known).Length, room.MemberCount);
        }

        Assert.Equal(ChatState.Connected, client.State);
        server.Cut();
        await client.Completion.Soon();

        long SendRoster(long sequence)
        {
            history.GrowTo(sequence, salt: 1);
            server.SendRoster(1, (ulong)sequence, history.MembersAt(sequence));
            return sequence;
        }
    }

    private readonly record struct Step(byte What, byte Amount, byte Salt);

    /// <summary>A room's log as the server has it: every entry, and the members after it.</summary>
    private sealed class History
    {
        private readonly List<(EntryKind Kind, string Name, string[] Members)> _entries = [];

        public string[] MembersAt(long sequence) => sequence == 0 ? [] : _entries[(int)sequence - 1].Members;

        public void Grow(int entries, int salt) => GrowTo(_entries.Count + entries, salt);

        public void GrowTo(long sequence, int salt)
        {
            while (_entries.Count < sequence)
            {
                string name = $"m{(salt + (_entries.Count * 7)) % 5}";
                bool isMember = MembersAt(_entries.Count).Contains(name);
                EntryKind kind = ((salt + _entries.Count) % 4) switch
                {
                    0 => EntryKind.Message,
                    1 when isMember => EntryKind.LostContact,
                    _ => isMember ? EntryKind.Left : EntryKind.Joined,
                };
                Append(kind, name);
            }
        }

        public long Append(EntryKind kind, string name)
        {
            IEnumerable<string> members = MembersAt(_entries.Count);
            members = kind switch
            {
                EntryKind.Joined => members.Append(name),
                EntryKind.Left => members.Where(m => m != name),
                _ => members,
            };
            _entries.Add((kind, name, [.. members.Order(StringComparer.Ordinal)]));
            return _entries.Count;
        }

        public void Send(ScriptedServer server, long sequence)
        {
            (EntryKind kind, string name, string[] members) = _entries[(int)sequence - 1];
            byte[] body = kind switch
            {
                EntryKind.Joined => ScriptedServer.Members((uint)members.Length),
                EntryKind.Left => ScriptedServer.Left((uint)members.Length, DisconnectReason.Goodbye),
                _ => "hi"u8.ToArray(),
            };
            server.SendEntry(kind, (ulong)sequence, name, body);
        }
    }
}
