using System.Net.NetworkInformation;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Discovery;

/// <summary>The network as the system has it.</summary>
/// <param name="port">The port of discovery.</param>
/// <param name="filter">Which interfaces are used.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="loggerFactory">Where errors go.</param>
internal sealed class SocketNetwork(int port, CardFilter filter, TimeProvider time, ILoggerFactory loggerFactory) : IDatagramNetwork
{
    private readonly ILogger _logger = AppLog.Create(loggerFactory, Announcer.LogCategory);
    private readonly Lock _gate = new();
    private Action? _changed;

    public event Action? Changed
    {
        add
        {
            lock (_gate)
            {
                if (_changed is null)
                {
                    Watch();
                }

                _changed += value;
            }
        }

        remove
        {
            lock (_gate)
            {
                _changed -= value;
                if (_changed is null)
                {
                    NetworkChange.NetworkAddressChanged -= OnAddressChanged;
                }
            }
        }
    }

    public IDatagramPort Open(bool isShared) => new SocketPort(port, isShared, filter, time, _logger);

    private void Watch()
    {
        try
        {
            NetworkChange.NetworkAddressChanged += OnAddressChanged;
        }
        catch (NetworkInformationException exception)
        {
            // Changes are then seen when it is next announced or asked.
            Log.InterfacesUnknown(_logger, exception.Message);
        }
    }

    private void OnAddressChanged(object? sender, EventArgs e) => _changed?.Invoke();
}
