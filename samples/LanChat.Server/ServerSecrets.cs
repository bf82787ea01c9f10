namespace LanChat.Samples;

/// <summary>Where the server keeps its secrets, and which of them it shows.</summary>
internal sealed record ServerSecrets
{
    /// <summary>The directory of its key; null: one that the library chooses.</summary>
    internal required string? IdentityDirectory { get; init; }

    /// <summary>The file of the operator's token, if one was given.</summary>
    internal required string? OperatorFile { get; init; }

    /// <summary>Whether the join code was made here, so that nobody knows it yet. One that was given is not shown: who looks at the screen need not have it.</summary>
    internal required bool ShowsJoinCode { get; init; }

    /// <summary>Gets the file of the operator's token: beside the key, unless another was given.</summary>
    internal string OperatorPath =>
        OperatorFile ?? (IdentityDirectory is { } directory ? Path.Combine(directory, OperatorToken.FileName) : OperatorToken.DefaultPath);
}
