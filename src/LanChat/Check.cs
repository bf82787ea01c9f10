using System.Runtime.CompilerServices;
using System.Text;

namespace LanChat;

/// <summary>Checks of option values, made when they are set.</summary>
internal static class Check
{
    internal static T Range<T>(T value, T low, T high, [CallerMemberName] string option = "")
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(option, value, $"{option} must be from {low} to {high}.");

    internal static T Defined<T>(T value, [CallerMemberName] string option = "")
        where T : struct, Enum =>
        Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(option, value, $"{option} has no such value.");

    /// <summary>Checks a reason for a refusal: one of the protocol's codes but goodbye.</summary>
    internal static DisconnectReason Refusal(DisconnectReason reason) =>
        reason is >= DisconnectReason.ServerStopping and <= DisconnectReason.StoreFailed
            ? reason
            : throw new ArgumentOutOfRangeException(nameof(reason), reason, $"{reason} is no reason that can be sent with a refusal.");

    internal static T NotNull<T>(T? value, [CallerMemberName] string option = "")
        where T : class => value ?? throw new ArgumentNullException(option);

    internal static string Utf8Bytes(string? value, int low, int high, [CallerMemberName] string option = "")
    {
        int bytes = Encoding.UTF8.GetByteCount(NotNull(value, option));
        return bytes >= low && bytes <= high
            ? value!
            : throw new ArgumentOutOfRangeException(option, $"{option} must have {low} to {high} bytes of UTF-8; it has {bytes}.");
    }

    /// <summary>Checks a text that is shown as part of a line: it may not end the line or move a cursor.</summary>
    internal static string Line(string? value, int low, int high, [CallerMemberName] string option = "") =>
        Utf8Bytes(value, low, high, option).Any(char.IsControl)
            ? throw new ArgumentException($"{option} must be one line of text, without control characters such as a line feed or a tab.", option)
            : value!;

    /// <summary>Returns the longest start of a text that fits into so many bytes of UTF-8.</summary>
    internal static string Cut(string value, int bytes)
    {
        while (Encoding.UTF8.GetByteCount(value) > bytes)
        {
            value = value[..^(char.IsLowSurrogate(value[^1]) && value.Length > 1 ? 2 : 1)];
        }

        return value;
    }
}
