using System.Diagnostics;

namespace LanChat.Throughput;

/// <summary>Finds the programs that servers are started from.</summary>
internal static class Programs
{
    /// <summary>Makes a command of this program itself.</summary>
    internal static ProcessStartInfo Own(params string[] arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("This program does not know where it lies.");
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments);
    }

    /// <summary>Finds an installed program. Servers may lie where only an administrator's path leads.</summary>
    internal static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name))
            .FirstOrDefault(File.Exists);

    /// <summary>Says why a program cannot be started; null when it can.</summary>
    /// <param name="name">The program.</param>
    /// <param name="package">The Debian package that has it.</param>
    internal static string? WhyNot(string name, string package) =>
        Find(name) is null ? $"{name} is not installed: apt-get install {package}" : null;
}
