using System.Text;

namespace LanChat.Text;

/// <summary>Makes the key by which names are compared: two names with one key look alike, and only one of them can be in use.</summary>
/// <remarks><para>Compatibility normalisation (full width, ligatures, letter variants), then case folding, then a small fold of look-alikes.
/// The form used is NFKD: two texts are equal in it exactly if they are in NFKC, and taken apart, an accented Cyrillic or Greek letter
/// is folded by its base letter like the plain one.</para>
/// <para>A key is only ever compared. It is no name, and what it looks like may change with any version.</para></remarks>
internal static class NameKey
{
    /// <summary>Gets whether names beyond ASCII can be compared. In invariant mode <see cref="string.Normalize()"/> returns its input without a word, so it is tried.</summary>
    internal static bool CanNormalize { get; } =
        "e\u0301".Normalize(NormalizationForm.FormC) == "\u00E9" && "\uFF21".Normalize(NormalizationForm.FormKD) == "A";

    internal static string Of(string name)
    {
        if (!CanNormalize)
            return Fold(name.ToUpperInvariant().ToLowerInvariant());

        // Up before down: letters with two small forms (final sigma, long s) meet only in the capital. A fold can leave a composed letter, hence
        // normalised again.
        string folded = name.Normalize(NormalizationForm.FormKD).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormKD);
        return Fold(folded);
    }

    /// <summary>Writes the key of a name that is all ASCII, for the message path: nothing is allocated.</summary>
    /// <param name="name">The name as it came.</param>
    /// <param name="key">Takes as many characters as the name has bytes.</param>
    /// <returns>False when it is not all ASCII, has a character that no name has, or does not fit; then <see cref="NameRule"/> decides.</returns>
    internal static bool TryWriteAscii(ReadOnlySpan<byte> name, Span<char> key)
    {
        if (name.Length > key.Length)
            return false;

        for (int i = 0; i < name.Length; i++)
        {
            char c = (char)name[i];
            if (!char.IsAscii(c) || !NameCharacters.IsAllowed(new Rune(c)))
                return false;

            // In ASCII no two characters but small and capital letters have a common normal form.
            key[i] = FoldLookAlike(char.ToLowerInvariant(c));
        }

        return true;
    }

    private static string Fold(string lowercase) =>
        string.Create(lowercase.Length, lowercase, static (key, source) =>
        {
            for (int i = 0; i < key.Length; i++)
                key[i] = FoldLookAlike(source[i]);
        });

    /// <summary>Folds a small letter to its look-alike. One letter folds to one: where its capital looks like another (nu, upsilon), the small form decides,
    /// because it is what people type.</summary>
    private static char FoldLookAlike(char c) => c switch
    {
        '0' => 'o',
        '1' or 'i' => 'l',

        // Latin
        '\u0131' => 'l',        // dotless i
        '\u0251' => 'a',        // alpha
        '\u0261' => 'g',        // script g

        // Greek
        '\u03B1' => 'a',        // alpha
        '\u03B2' => 'b',        // beta
        '\u03B3' => 'y',        // gamma
        '\u03B5' => 'e',        // epsilon
        '\u03B6' => 'z',        // zeta
        '\u03B7' => 'h',        // eta (the capital)
        '\u03B9' => 'l',        // iota
        '\u03BA' => 'k',        // kappa
        '\u03BC' => 'm',        // mu (the capital)
        '\u03BD' => 'v',        // nu
        '\u03BF' => 'o',        // omicron
        '\u03C1' => 'p',        // rho
        '\u03C4' => 't',        // tau
        '\u03C5' => 'u',        // upsilon
        '\u03C7' => 'x',        // chi
        '\u03C9' => 'w',        // omega
        '\u03F2' => 'c',        // lunate sigma
        '\u03F3' => 'j',        // yot

        // Cyrillic
        '\u0430' => 'a',
        '\u0431' => '6',        // be
        '\u0432' => 'b',        // ve (the capital)
        '\u0433' => 'r',        // ghe
        '\u0435' => 'e',        // ie
        '\u0437' => '3',        // ze
        '\u043A' => 'k',
        '\u043C' => 'm',
        '\u043D' => 'h',        // en (the capital)
        '\u043E' => 'o',
        '\u0440' => 'p',        // er
        '\u0441' => 'c',        // es
        '\u0442' => 't',
        '\u0443' => 'y',        // u
        '\u0445' => 'x',        // ha
        '\u044C' => 'b',        // soft sign
        '\u0455' => 's',        // dze
        '\u0456' => 'l',        // Byelorussian-Ukrainian i
        '\u0458' => 'j',        // je
        '\u0475' => 'v',        // izhitsa
        '\u04AF' => 'y',        // straight u
        '\u04BB' => 'h',        // shha
        '\u04CF' => 'l',        // palochka
        '\u0501' => 'd',        // komi de
        '\u051B' => 'q',        // qa
        '\u051D' => 'w',        // we
        _ => c,
    };
}
