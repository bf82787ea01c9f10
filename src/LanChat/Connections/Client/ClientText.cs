using System.Text;

namespace LanChat.Connections.Client;

/// <summary>Turns an app's strings into bytes for the wire; half a surrogate pair has none.</summary>
internal static class ClientText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static bool TryEncode(string text, out byte[] utf8)
    {
        try
        {
            utf8 = Strict.GetBytes(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            utf8 = [];
            return false;
        }
    }
}
