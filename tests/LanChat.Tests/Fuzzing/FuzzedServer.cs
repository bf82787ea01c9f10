using System.Text;
using LanChat.Tests.Server;
using LanChat.Tests.Support;
using LanChat.Text;

namespace LanChat.Tests.Fuzzing;

/// <summary>The real server in memory, with a member who speaks frames and a person who reads lines. Strangers come, say something and are cut off; the two must notice nothing but comings, goings and
/// what was said.</summary>
internal sealed class FuzzedServer
{
    private const int VisitsPerRound = 50;

    private static readonly string[] LineBeginnings = ["* ", "! ", "ok ", "? ", "bye: ", "    "];

    private readonly FailureLog _failures = new();
    private readonly MemoryServer _server;
    private readonly MemoryCaller _ada;
    private readonly MemoryCaller _eve;
    private ulong _lastId;
    private int _visits;

    internal FuzzedServer(ChatServerOptions? options = null)
    {
        _server = new MemoryServer((options ?? Callers.Patient) with { LoggerFactory = _failures, Welcome = "welcome", MaxHistoryEntries = 100 });
        _ada = _server.Join("ada");
        _eve = _server.Connect();
        _eve.Say("/name eve\n");
        _ada.Frames();
        _eve.Lines();
    }

    /// <summary>Lets a stranger say something, and takes what it is answered.</summary>
    internal byte[] Visit(ReadOnlySpan<byte> said)
    {
        MemoryCaller stranger = _server.ConnectPlain();
        stranger.Say(said);
        byte[] answer = stranger.Client.ReadAll();
        stranger.Client.Reset();
        _server.Run();
        return answer;
    }

    /// <summary>Says what is wrong with the server after a visit; null when nothing is. Every so often the member talks, and time passes.</summary>
    internal string? Complaint()
    {
        if (_failures.First is { } failure)
        {
            return failure;
        }

        if (++_visits % VisitsPerRound != 0)
        {
            return null;
        }

        string text = $"still here {++_lastId}";
        _ada.Say(WireFrame.Publish(1, _lastId, text));
        if (!_ada.Frames().Texts().Contains(text))
        {
            return "a member does not get its own message any more";
        }

        string[] lines = _eve.Lines();
        _server.Advance(1);
        return !lines.Any(line => line.EndsWith($"] ada: {text}", StringComparison.Ordinal)) ? "a person does not get a member's message any more" : lines.Select(Unsafe).FirstOrDefault(unsafeLine => unsafeLine is not null);
    }

    /// <summary>Says what is wrong with a line that a person is shown; null when nothing is.</summary>
    internal static string? Unsafe(string line) =>
        !ForbiddenScalars.AreAbsentFrom(line) || line.Contains('\t', StringComparison.Ordinal) ? $"a line is not clean: {Convert.ToHexString(Encoding.UTF8.GetBytes(line))}"
        : line is ['[', _, _, ':', _, _, ':', _, _, ']', ' ', ..] || Array.Exists(LineBeginnings, beginning => line.StartsWith(beginning, StringComparison.Ordinal)) ? null
        : $"a line begins as none of the server's: {line}";
}
