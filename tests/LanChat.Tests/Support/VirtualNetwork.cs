using System.Diagnostics;
using System.Globalization;

namespace LanChat.Tests.Support;

/// <summary>Switches and machines made of network namespaces: Linux, root and iproute2 only. Everything it made is gone when it is disposed.</summary>
internal sealed class VirtualNetwork : IDisposable
{
    private static int _count;

    private readonly string _prefix = $"lanchat{Environment.ProcessId}x{Interlocked.Increment(ref _count)}";
    private readonly List<NetworkNamespace> _machines = [];
    private readonly List<string> _namespaces = [];
    private readonly string _switches;
    private int _ports;

    internal VirtualNetwork() => _switches = AddNamespace("switches");

    /// <summary>Says why there can be none here; null when there can.</summary>
    internal static string? WhyNot { get; } = FindWhyNot();

    internal NetworkNamespace AddMachine(string name)
    {
        var machine = new NetworkNamespace(AddNamespace(name));
        _machines.Add(machine);
        Ip($"-n {machine.Name} link set lo up");
        return machine;
    }

    internal void AddSwitch(string name)
    {
        Ip($"-n {_switches} link add {name} type bridge");
        Ip($"-n {_switches} link set {name} up");
    }

    /// <summary>Plugs a machine into a switch.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="card">The name of the interface that it gets.</param>
    /// <param name="bridge">The switch.</param>
    /// <param name="address">Its address with prefix, of IPv4 or IPv6.</param>
    /// <param name="isIsolated">Whether it reaches only ports that are not isolated: guest Wi-Fi.</param>
    internal void Plug(NetworkNamespace machine, string card, string bridge, string address, bool isIsolated = false)
    {
        string port = $"v{_ports++.ToString(CultureInfo.InvariantCulture)}";
        Ip($"link add {port} netns {_switches} type veth peer name {card} netns {machine.Name}");
        Ip($"-n {_switches} link set {port} master {bridge} up");
        if (isIsolated)
        {
            Start("bridge", $"-n {_switches} link set dev {port} isolated on");
        }

        // No addresses but the one that is asked for, and that one at once.
        Ip($"-n {machine.Name} link set {card} addrgenmode none");
        Ip($"-n {machine.Name} link set {card} up");
        Ip($"-n {machine.Name} addr add {address} {(address.Contains(':', StringComparison.Ordinal) ? "nodad" : "brd +")} dev {card}");
    }

    internal static void RouteTheRest(NetworkNamespace machine, string card) => Ip($"-n {machine.Name} route add default dev {card}");

    internal static void Unplug(NetworkNamespace machine, string card) => Ip($"-n {machine.Name} link del {card}");

    public void Dispose()
    {
        _machines.ForEach(machine => machine.Dispose());
        _namespaces.ForEach(name => Ip($"netns del {name}"));
    }

    private static string? FindWhyNot()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "there are network namespaces only on Linux";
        }

        string name = $"lanchat{Environment.ProcessId}try";
        try
        {
            Ip($"netns add {name}");
            Ip($"netns del {name}");
            return null;
        }
        catch (Exception exception)
        {
            return $"no network namespace can be made: {exception.Message.Trim()}";
        }
    }

    private static void Ip(string arguments) => Start("ip", arguments);

    private static void Start(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {arguments}: {error}");
        }
    }

    private string AddNamespace(string name)
    {
        name = $"{_prefix}{name}";
        Ip($"netns add {name}");
        _namespaces.Add(name);
        return name;
    }
}
