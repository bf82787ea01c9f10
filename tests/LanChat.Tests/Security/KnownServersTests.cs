using System.Runtime.Versioning;
using System.Text;
using LanChat.Security;
using LanChat.Tests.Support;
using Xunit;

namespace LanChat.Tests.Security;

public sealed class KnownServersTests : IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 16, 8, 0, 0, TimeSpan.Zero);
    private static readonly ServerId One = IdOf(1);
    private static readonly ServerId Two = IdOf(2);

    private readonly TemporaryDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "deep", "known_servers");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Nothing_is_read_or_made_before_the_first_use_and_a_missing_file_is_empty()
    {
        var known = new KnownServers(File);

        Assert.Equal(File, known.Path);
        Assert.Empty(known.All);
        Assert.False(known.Contains(One));
        Assert.False(Directory.Exists(Path.GetDirectoryName(File)));
    }

    [Fact]
    public void What_is_kept_is_there_at_the_next_start()
    {
        new KnownServers(File).Remember(One, "Den", "den.local:9090", isNamed: false, Monday);
        new KnownServers(File).Remember(One, "The Den", "[::1]:9090", isNamed: false, Monday.AddDays(1));
        new KnownServers(File).Remember(Two, "", address: null, isNamed: true, Monday);

        KnownServer[] all = [.. new KnownServers(File).All];
        Assert.Equal((One, "The Den", Monday, Monday.AddDays(1)), (all[0].Id, all[0].Name, all[0].FirstUsed, all[0].LastUsed));
        Assert.Equal(["[::1]:9090", "den.local:9090"], all[0].Addresses);
        Assert.Equal((Two, ""), (all[1].Id, all[1].Name));
        Assert.Empty(all[1].Addresses);
    }

    [Theory]
    [InlineData("den.local", "DEN.Local.")]
    [InlineData("::1", "0:0:0:0:0:0:0:1")]
    [InlineData("10.0.0.7", "::ffff:10.0.0.7")]
    public void An_address_is_the_same_in_all_its_spellings(string one, string other) =>
        Assert.Equal(KnownServers.KeyOf(new ServerAddress(one)), KnownServers.KeyOf(new ServerAddress(other)));

    [Fact]
    public void A_host_that_would_break_its_line_is_none() =>
        Assert.All(["a b", "a,b", "a\nb", "a\u001b[2J", "\ud83d", new string('x', 300)], host => Assert.Null(KnownServers.KeyOf(new ServerAddress(host))));

    [Fact]
    public void A_line_without_a_name_may_lose_its_last_blank_to_an_editor()
    {
        new KnownServers(File).Remember(One, "", "den:9090", isNamed: false, Monday);
        System.IO.File.WriteAllLines(File, System.IO.File.ReadAllLines(File).Select(line => line.TrimEnd()));

        Assert.Equal("", Assert.Single(new KnownServers(File).All).Name);
    }

    [Fact]
    public void An_address_stays_with_the_server_that_has_it()
    {
        var known = KnownServers.InMemory();
        Assert.Null(known.Remember(One, "Den", "den:1", isNamed: false, Monday));

        Assert.Equal(One, known.Remember(Two, "Den", "den:1", isNamed: false, Monday));
        Assert.False(known.Contains(Two));
        Assert.Equal(One, known.Remember(Two, "Den", "den:1", isNamed: true, Monday));
        Assert.True(known.Contains(Two));
        Assert.Equal(One, known.IdAt("den:1"));
    }

    [Fact]
    public void Forgetting_takes_an_address_or_a_server()
    {
        var known = new KnownServers(File);
        Assert.False(known.Forget(new ServerAddress("den", 1)));
        known.Remember(One, "Den", "den:1", isNamed: false, Monday);
        known.Remember(One, "Den", "den:2", isNamed: false, Monday);
        known.Remember(Two, "Den", "den:3", isNamed: false, Monday);

        Assert.True(known.Forget(new ServerAddress("DEN", 1)));
        Assert.Null(known.IdAt("den:1"));
        Assert.Equal(One, known.IdAt("den:2"));
        Assert.True(known.Forget(new ServerAddress("elsewhere", 1, One)));
        Assert.False(known.Contains(One));
        Assert.False(known.Forget(One));
        Assert.Equal([Two], known.All.Select(server => server.Id));
    }

    [Fact]
    public void A_name_becomes_one_clean_line_of_bounded_length()
    {
        var known = new KnownServers(File);
        known.Remember(One, " evil\n# \u001b]0;x\u202e\tname ", address: null, isNamed: true, Monday);
        known.Remember(Two, new string('ö', 300), address: null, isNamed: true, Monday);

        Assert.Equal(["evil # \uFFFD]0;x\uFFFD name", new string('ö', 127)], known.All.Select(server => server.Name));
    }

    [Fact]
    public void Beyond_the_limits_the_least_recently_used_go()
    {
        var known = KnownServers.InMemory();
        for (int i = 0; i <= KnownServers.MaxCount; i++)
        {
            // The first is the last to be used.
            known.Remember(IdOf(i + 1), "", $"host:{i + 1}", isNamed: false, Monday.AddSeconds(i == 0 ? 100_000 : i));
        }

        Assert.Equal(KnownServers.MaxCount, known.All.Count);
        Assert.True(known.Contains(IdOf(1)));
        Assert.False(known.Contains(IdOf(2)));
        for (int i = 0; i <= KnownServers.MaxAddressCount; i++)
        {
            known.Remember(One, "", $"wandering:{i + 1}", isNamed: false, Monday);
        }

        IReadOnlyList<string> addresses = known.All.Single(server => server.Id == One).Addresses;
        Assert.Equal((KnownServers.MaxAddressCount, "wandering:17", "wandering:2"), (addresses.Count, addresses[0], addresses[^1]));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_user_reads_the_file_and_one_that_others_can_change_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access lists instead of modes.");
        var known = new KnownServers(File);
        known.Remember(One, "Den", "den:1", isNamed: false, Monday);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File + ".lock"));

        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.Single(known.All);
        foreach (UnixFileMode mode in new[] { UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            ChatException refused = Assert.Throws<ChatException>(() => known.Contains(One));
            Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
            Assert.Throws<ChatException>(() => known.Forget(One));
        }
    }

    [Fact]
    public void A_place_where_nothing_can_be_written_is_said_with_the_way_out()
    {
        // Not by its mode: the tests may run as a user whom modes do not stop.
        string notDirectory = Path.Combine(_directory.Path, "file");
        System.IO.File.WriteAllText(notDirectory, "");
        var known = new KnownServers(Path.Combine(notDirectory, "known_servers"));

        ChatException refused = Assert.Throws<ChatException>(() => known.Remember(One, "Den", "den:1", isNamed: false, Monday));
        Assert.Contains("KnownServers.InMemory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    [HostileInput(11, "known_servers read-only")]
    public void In_a_directory_that_cannot_be_written_the_known_stay_known_and_none_is_added()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Modes stop neither Windows nor root.");
        var known = new KnownServers(File);
        known.Remember(One, "Den", "den:1", isNamed: false, Monday);
        string directory = Path.GetDirectoryName(File)!;
        System.IO.File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(One, known.IdAt("den:1"));
            Assert.Contains("cannot be kept", Assert.Throws<ChatException>(() => known.Remember(Two, "", "den:2", isNamed: false, Monday)).Message, StringComparison.Ordinal);
        }
        finally
        {
            System.IO.File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    [HostileInput(11, "known_servers corrupt")]
    public void A_damaged_file_is_refused_whole_and_left_as_it_is()
    {
        var known = new KnownServers(File);
        known.Remember(One, "Den", "den:1", isNamed: false, Monday);
        System.IO.File.AppendAllText(File, "nonsense\n");
        string before = System.IO.File.ReadAllText(File);

        foreach (Action use in new Action[] { () => known.Contains(One), () => known.Forget(Two), () => known.Remember(Two, "", null, isNamed: true, Monday) })
        {
            ChatException refused = Assert.Throws<ChatException>(use);
            Assert.Contains($"{File}, line 5: ", refused.Message, StringComparison.Ordinal);
            Assert.Contains("delete", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_file_without_end_is_not_read()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        using (FileStream stream = System.IO.File.Create(File))
        {
            stream.SetLength(KnownServersFile.MaxFileBytes + 1L);
        }

        Assert.Throws<ChatException>(() => new KnownServers(File).All);
    }

    [Fact]
    [HostileInput(11, "known_servers written by two processes")]
    public async Task Writers_at_once_lose_nothing_of_each_other()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        // Each has an object of its own, as each process would; the lock file is all that they share. Few writes: whoever gets no turn for three seconds gives up.
        const int Writers = 4;
        const int Each = 4;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            var known = new KnownServers(File);
            for (int i = 0; i < Each; i++)
            {
                known.Remember(IdOf((writer * Each) + i + 1), $"{writer}", $"host-{writer}:{i + 1}", isNamed: false, Monday);
            }
        }, stop)));

        Assert.Equal(Writers * Each, new KnownServers(File).All.Count);
        Assert.Equal(["known_servers", "known_servers.lock"], Directory.GetFiles(Path.GetDirectoryName(File)!).Select(Path.GetFileName).Order());
    }

    [Fact]
    [HostileInput(11, "known_servers written by two processes")]
    public async Task A_lock_that_another_process_holds_is_waited_for()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Task remembering;
        using (new FileStream(File + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            remembering = Task.Run(() =>
            {
                entered.SetResult();
                new KnownServers(File).Remember(One, "Den", "den:1", isNamed: false, Monday);
            }, stop);
            await entered.Task;
            Assert.Empty(new KnownServers(File).All);
        }

        await remembering.WaitAsync(TimeSpan.FromSeconds(20), stop);
        Assert.True(new KnownServers(File).Contains(One));
    }

    [Fact]
    public async Task Whoever_waits_for_the_lock_may_give_up()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        using var held = new FileStream(File + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        ValueTask<bool> forgetting = new KnownServers(File).ForgetAsync(One, giveUp.Token);
        Assert.False(forgetting.IsCompleted);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(forgetting.AsTask);
    }

    private static ServerId IdOf(int number)
    {
        byte[] bytes = new byte[ServerId.Bytes];
        Encoding.ASCII.GetBytes($"{number}").CopyTo(bytes, 0);
        return new ServerId(bytes);
    }
}
