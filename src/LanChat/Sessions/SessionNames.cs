using System.Diagnostics.CodeAnalysis;
using System.Text;
using LanChat.Text;

namespace LanChat.Sessions;

/// <summary>Makes names out of what callers ask for, by the one name rule.</summary>
internal static class SessionNames
{
    internal static bool TryCreate(string text, [NotNullWhen(true)] out SessionName? name) =>
        TryCreate(Encoding.UTF8.GetBytes(text), out name, out _);

    internal static bool TryCreate(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out SessionName? name, out NameCheck check)
    {
        check = NameRule.Check(utf8, out string text, out string key);
        name = check == NameCheck.Ok ? new SessionName(Encoding.UTF8.GetBytes(text), key) : null;
        return name is not null;
    }

    /// <summary>Gets the comparison key of any name, also one that nobody may take: empty when there is none.</summary>
    internal static string KeyOf(ReadOnlySpan<byte> utf8) => NameRule.CheckRoom(utf8, out _, out string key) == NameCheck.Ok ? key : "";
}
