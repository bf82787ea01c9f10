namespace LanChat.Text;

/// <summary>Says what <see cref="NameRule"/> made of a name.</summary>
internal enum NameCheck
{
    /// <summary>The name may be used.</summary>
    Ok,

    /// <summary>There is no name.</summary>
    Empty,

    /// <summary>The bytes are not UTF-8.</summary>
    NotUtf8,

    /// <summary>More than 24 characters as a reader counts them, or more than 64 bytes.</summary>
    TooLong,

    /// <summary>Something other than letters, digits, their marks and <c>_ - .</c>, or a letter that nobody can see.</summary>
    BadCharacter,

    /// <summary>It begins with a mark, which would be drawn onto whatever precedes the name.</summary>
    BeginsWithMark,

    /// <summary>A pile of marks on one letter, which would be drawn over the lines around it.</summary>
    TooManyMarks,

    /// <summary>It is, or looks like, a word that stands for the server or for everyone.</summary>
    Reserved,

    /// <summary>This process cannot compare names beyond ASCII, so it takes none.</summary>
    NotAscii,
}

/// <summary>Says a <see cref="NameCheck"/> to the person who chose the name.</summary>
internal static class NameCheckText
{
    internal static string Explain(this NameCheck check) => check switch
    {
        NameCheck.Ok => "",
        NameCheck.Empty => "A name has at least one character.",
        NameCheck.NotUtf8 => "The name is not valid UTF-8.",
        NameCheck.TooLong => "A name has at most 24 characters and 64 bytes.",
        NameCheck.BadCharacter => "A name is made of letters, digits and _ - . only.",
        NameCheck.BeginsWithMark => "A name does not begin with a combining mark.",
        NameCheck.TooManyMarks => "A letter of a name carries at most 8 combining marks.",
        NameCheck.Reserved => "This name is reserved.",
        NameCheck.NotAscii => "This server takes only names of ASCII letters, digits and _ - .",
        _ => throw new ArgumentOutOfRangeException(nameof(check)),
    };
}
