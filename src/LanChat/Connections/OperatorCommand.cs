using System.Net;
using System.Text;
using LanChat.Diagnostics;
using LanChat.Framing;
using LanChat.Rooms;
using LanChat.Sessions;
using LanChat.Text;

namespace LanChat.Connections;

/// <summary>One COMMAND of an operator, from its checks to its outcome (docs/protocol.md, section 5).</summary>
/// <remarks>What concerns another member is done on that one's loop and comes back to the operator's: by then the operator's session may have another connection, which gets the outcome, or
/// none. Until then the id is <see cref="Outcome.Undecided"/>. Each command is logged once, with what became of it.</remarks>
internal sealed class OperatorCommand
{
    /// <summary>How much of what a caller wrote goes into a log line: the longest name.</summary>
    private const int MaxLoggedBytes = NameRule.MaxBytes;

    private readonly Session _session;
    private readonly IPEndPoint? _from;
    private readonly ulong _id;

    // As they are logged.
    private readonly string _verb;
    private readonly string _member;

    private OperatorCommand(Session session, IPEndPoint? from, ulong id, string verb, string member)
    {
        _session = session;
        _from = from;
        _id = id;
        _verb = verb;
        _member = member;
    }

    private ServerContext Server => _session.Home.Server;

    private static ReadOnlySpan<byte> NobodyBanned => "nobody here has that name; it is banned all the same"u8;

    /// <summary>Carries a command out. On the loop of the operator's session; its outcome comes at once or later.</summary>
    internal static void CarryOut(ServerConnection connection, Session session, in CommandFrame frame)
    {
        string verb = Encoding.UTF8.GetString(frame.Verb);

        // Everything else may be a text, also what follows a misspelt verb, and is nobody's business but the rooms'.
        string member = verb is "kick" or "ban" or "unban" ? ForLog(frame.Argument) : "";
        var command = new OperatorCommand(session, connection.Link.RemoteEndPoint, frame.Id, ForLog(frame.Verb), member);
        switch (verb)
        {
            case "kick":
                command.Kick(frame.Argument);
                break;
            case "ban":
                command.Ban(frame.Argument);
                break;
            case "unban":
                command.Unban(frame.Argument);
                break;
            case "notice":
                command.Notice(frame.Argument);
                break;
            case "shutdown":
                command.Shutdown();
                break;
            default:
                command.Finish(DisconnectReason.BadText, "there is no such command; there are kick, ban, unban, notice and shutdown"u8);
                break;
        }
    }

    /// <summary>Makes a part of a log line of what a caller wrote.</summary>
    internal static string ForLog(ReadOnlySpan<byte> text) => TextRules.SanitizeToLine(text[..Math.Min(text.Length, MaxLoggedBytes)]);

    private void Kick(ReadOnlySpan<byte> name)
    {
        if (Server.Sessions.FindByName(name) is { } member)
        {
            Remove(member, bannedKey: null);
        }
        else
        {
            FinishRemoval(wasThere: false, isBan: false);
        }
    }

    private void Ban(ReadOnlySpan<byte> text)
    {
        if (!SessionNames.TryCreate(text, out SessionName? name, out NameCheck check))
        {
            Finish(DisconnectReason.BadName, Encoding.UTF8.GetBytes(check.Explain()));
        }
        else if (!Server.Bans.TryAdd(name))
        {
            Finish(DisconnectReason.ServerFull, "there are as many bans as the server keeps; lift one first"u8);
        }
        else if (Server.Sessions.FindByName(name.Key) is { } member)
        {
            Remove(member, name.Key);
        }
        else
        {
            FinishRemoval(wasThere: false, isBan: true);
        }
    }

    private void Unban(ReadOnlySpan<byte> name)
    {
        if (Server.Bans.Remove(SessionNames.KeyOf(name)))
        {
            Finish(default);
        }
        else
        {
            Finish(DisconnectReason.NoSuchMember, "that name is not banned"u8);
        }
    }

    private void Notice(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || TextRules.TrySanitize(text, _session.Home.TextScratch, out ReadOnlySpan<byte> clean) != TextCheck.Ok)
        {
            Finish(DisconnectReason.BadText, Refusals.Utf8(DisconnectReason.BadText));
            return;
        }

        foreach (Room room in Server.Rooms.All)
        {
            room.Notice(ServerSpeaker.Utf8, clean);
        }

        Finish(default);
    }

    // The outcome first: the stop lets it out before the last word.
    private void Shutdown()
    {
        Finish(default);
        Server.Stop();
    }

    // Kicks, or bans when there is a key.
    private void Remove(Session member, string? bannedKey)
    {
        if (member == _session)
        {
            // Its connection ends with this: the outcome first.
            Finish(default);
            _ = bannedKey is null ? member.Kick("") : member.Ban(bannedKey);
        }
        else if (!member.Home.Loop.Post(static work => work.command.RemoveOnItsLoop(work.member, work.bannedKey), (command: this, member, bannedKey)))
        {
            // Its loop has ended, and it with that.
            FinishRemoval(wasThere: false, isBan: bannedKey is not null);
        }
    }

    // The operator's loop may have ended meanwhile: then there is nobody to tell.
    private void RemoveOnItsLoop(Session member, string? bannedKey)
    {
        bool wasThere = bannedKey is null ? member.Kick("") : member.Ban(bannedKey);
        _session.Home.Loop.Post(static done => done.command.FinishRemoval(done.wasThere, done.isBan), (command: this, wasThere, isBan: bannedKey is not null));
    }

    private void FinishRemoval(bool wasThere, bool isBan)
    {
        if (wasThere)
        {
            Finish(default);
        }
        else if (isBan)
        {
            Finish(default, NobodyBanned);
        }
        else
        {
            Finish(DisconnectReason.NoSuchMember, Refusals.Utf8(DisconnectReason.NoSuchMember));
        }
    }

    // On the operator's loop.
    private void Finish(DisconnectReason refusal, ReadOnlySpan<byte> text = default)
    {
        if (refusal == default)
        {
            Log.OperatorDid(Server.Logger, _session.Name.Text, _from, _verb, _member);
        }
        else
        {
            Metrics.Rejected.Add(1, Refusals.Tag(refusal));
            Log.OperatorRefused(Server.Logger, _session.Name.Text, _from, _verb, _member, refusal);
        }

        _session.Settle(_id, refusal == default ? Outcome.Carried() : Outcome.Rejected(refusal), text);
    }
}
