using System.Globalization;
using System.Threading.Channels;

namespace LanChat.Samples;

/// <summary>The person at the server's keyboard: a line is a notice to all rooms, or one of a few commands.</summary>
internal sealed class Operator(ChatServer server, TextWriter output)
{
    private const string Help = "text is a notice to all rooms; /who, /kick NAME, /ban NAME, /unban NAME, /bans, /msg NAME TEXT, /help; exit stops the server";

    /// <summary>Does what the lines say; returns at <c>exit</c>, or when told to stop. The end of the lines is no reason to return: a server may have no keyboard.</summary>
    internal async Task ObeyAsync(ChannelReader<string> lines, CancellationToken stop)
    {
        try
        {
            await foreach (string line in lines.ReadAllAsync(stop))
            {
                if (line == "exit")
                {
                    return;
                }

                await ActAsync(line);
            }

            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop: by a signal, or because the server has stopped.
        }
    }

    private async Task ActAsync(string line)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case []:
                break;
            case ["/who"]:
                await WhoAsync();
                break;
            case ["/kick", var name]:
                await AnswerAsync(await server.KickAsync(name));
                break;
            case ["/ban", var name]:
                await BanAsync(name);
                break;
            case ["/unban", var name]:
                await output.WriteLineAsync(
                    await server.UnbanAsync(name) ? $"* the ban of {name} is lifted" : $"? {(int)DisconnectReason.NoSuchMember} that name is not banned");
                break;
            case ["/bans"]:
                await ListBansAsync();
                break;
            case ["/msg", var name, var text]:
                await SayAsync(text, clean => server.SendDirectAsync(name, clean));
                break;
            case ["/help"]:
                await output.WriteLineAsync(Help);
                break;
            case [['/', ..], ..]:
                await output.WriteLineAsync($"? {Help}");
                break;
            default:
                await SayAsync(line, clean => server.NoticeAsync(room: null, clean));
                break;
        }
    }

    private async Task WhoAsync()
    {
        foreach (string room in server.Rooms)
        {
            IReadOnlyList<string> names = server.GetMembers(room);
            string count = new MembersChanged { Members = names.Count }.ToText();
            await output.WriteLineAsync(RoomLines.Prefix(room) + (names.Count == 0 ? count : $"{count}: {string.Join(", ", names)}"));
        }
    }

    private async Task BanAsync(string name)
    {
        try
        {
            // Said, because nobody need have the name: a misspelt one shows by nothing else.
            await output.WriteLineAsync(await server.BanAsync(name) ? $"* {name} is banned" : $"? {(int)DisconnectReason.BadName} nobody can have that name");
        }
        catch (ChatException exception)
        {
            await output.WriteLineAsync($"? {(int)exception.Reason} {exception.Message}");
        }
    }

    private async Task ListBansAsync()
    {
        IReadOnlyList<Ban> bans = server.Bans;
        await output.WriteLineAsync($"* {bans.Count} banned");
        foreach (Ban ban in bans)
        {
            string address = ban.Address is null ? "" : $" at {ban.Address}";
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"* {ban.Name}{address} since {ban.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}"));
        }
    }

    private async Task SayAsync(string text, Func<string, ValueTask<bool>> say)
    {
        try
        {
            await AnswerAsync(await say(text));
        }
        catch (ArgumentException)
        {
            await output.WriteLineAsync($"? {(int)DisconnectReason.BadText} that is longer than a message may be");
        }
    }

    // What was done shows by itself, in the rooms' lines or on the member's screen.
    private async Task AnswerAsync(bool isDone)
    {
        if (!isDone)
        {
            await output.WriteLineAsync($"? {(int)DisconnectReason.NoSuchMember} nobody here has that name");
        }
    }
}
