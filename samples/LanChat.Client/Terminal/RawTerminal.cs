using System.Runtime.InteropServices;
using System.Text;

namespace LanChat.Samples.Terminal;

/// <summary>The terminal, taken over: keys come as they are pressed, and output goes to the cell it is meant for. It is given back as it was, however the program ends.</summary>
/// <remarks>Given back on <see cref="Dispose"/>, and by whoever comes first of: the end of the process, an unhandled exception, SIGHUP, SIGQUIT and SIGABRT.
/// (SIGINT and SIGTERM end the program in order.) Writing after that does nothing. All members may be used from any thread.</remarks>
internal sealed class RawTerminal : IDisposable
{
    // Bracketed paste, and whether the terminal's window has the focus.
    private const string Ask = "\e[?2004h\e[?1004h";
    private const string Unask = "\e[m\e[?7h\e[?25h\e[?2004l\e[?1004l";

    // Enough for a fast typist and for pastes to come in large pieces.
    private const int ReadBytes = 4096;

    // PosixSignal has no name for it, but takes the system's numbers as well; this one is the same everywhere.
    private const PosixSignal Abort = (PosixSignal)6;

    // How long giving back waits for a write that does not end.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(1);

    // How soon a console without a signal for its size is looked at again.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly ITerminalDevice _device;
    private readonly Action _changed;
    private readonly List<IDisposable> _signals = [];

    // Guards _isRaw with what is written: nothing may come behind the giving back.
    private readonly Lock _gate = new();
    private bool _isRaw;

    // Set once, by Dispose: nobody takes the terminal over again.
    private bool _isDisposed;

    // Written under the gate by whoever resumes, read by whoever draws.
    private int _takeovers;

    private RawTerminal(ITerminalDevice device, Action changed)
    {
        _device = device;
        _changed = changed;
    }

    internal Size Size => _device.Size;

    /// <summary>Gets whether the terminal is taken over now.</summary>
    internal bool IsRaw
    {
        get
        {
            lock (_gate)
            {
                return _isRaw;
            }
        }
    }

    /// <summary>Gets how often the terminal was taken over: when it differs from before, others have drawn on it meanwhile.</summary>
    internal int Takeovers => Volatile.Read(ref _takeovers);

    /// <summary>Takes the terminal over.</summary>
    /// <param name="changed">Called from any thread when the size may have changed, or when the program goes on after a stop and must draw anew.</param>
    internal static RawTerminal Enter(Action changed)
    {
        ITerminalDevice device = OperatingSystem.IsWindows() ? new WindowsTerminal() : new UnixTerminal();
        var terminal = new RawTerminal(device, changed);
        terminal.HandleSignals();
        terminal.Resume();
        return terminal;
    }

    /// <summary>Starts a thread that reads keys until the terminal is gone.</summary>
    /// <param name="read">Takes what was read; it may block.</param>
    internal void StartReading(Action<IReadOnlyList<Key>> read)
    {
        // Such a read cannot be cancelled: it has a thread of its own, which does not hold up the end of the program.
        new Thread(() =>
        {
            var reader = new KeyReader();
            byte[] buffer = new byte[ReadBytes];
            for (int length = _device.Read(buffer); length > 0; length = _device.Read(buffer))
            {
                List<Key> keys = [];
                reader.Read(buffer.AsSpan(0, length), keys);
                read(keys);
            }

            read([]);
        })
        { IsBackground = true, Name = "keys" }.Start();
    }

    internal void Write(string output)
    {
        lock (_gate)
        {
            if (_isRaw)
            {
                _device.Write(Encoding.UTF8.GetBytes(output));
            }
        }
    }

    /// <summary>Gives the terminal back and stops the program until the shell lets it go on. Where it cannot be stopped this does nothing else.</summary>
    internal void Suspend()
    {
        GiveBack(isOrderly: true);
        _device.Suspend();
    }

    /// <summary>Takes the terminal over, also when it is taken over already: others may have changed it.</summary>
    internal void Resume()
    {
        lock (_gate)
        {
            if (!Volatile.Read(ref _isDisposed))
            {
                _device.SetRaw();
                _isRaw = true;
                Volatile.Write(ref _takeovers, _takeovers + 1);
                Write(Ask);
            }
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        GiveBack(isOrderly: true);
        AppDomain.CurrentDomain.ProcessExit -= OnEnd;
        AppDomain.CurrentDomain.UnhandledException -= OnEnd;
        foreach (IDisposable signal in _signals)
        {
            signal.Dispose();
        }
    }

    private void HandleSignals()
    {
        AppDomain.CurrentDomain.ProcessExit += OnEnd;
        AppDomain.CurrentDomain.UnhandledException += OnEnd;
        if (OperatingSystem.IsWindows())
        {
            Size last = _device.Size;
            _signals.Add(new Timer(_ =>
            {
                Size now = _device.Size;
                if (now != last)
                {
                    last = now;
                    _changed();
                }
            }, null, PollInterval, PollInterval));
            return;
        }

        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => GiveBack(isOrderly: false)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => GiveBack(isOrderly: false)));
        _signals.Add(PosixSignalRegistration.Create(Abort, _ =>
        {
            // The runtime has a handler of its own for this one, and does not go on to the usual effect.
            GiveBack(isOrderly: false);
            Environment.FailFast("Aborted by a signal.");
        }));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _changed()));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ =>
        {
            // Whoever had the terminal meanwhile left it as they liked.
            Resume();
            _changed();
        }));
    }

    private void OnEnd(object? sender, EventArgs arguments) => GiveBack(isOrderly: false);

    private void GiveBack(bool isOrderly)
    {
        if (!_gate.TryEnter(WriteTimeout))
        {
            // Somebody writes to a terminal that takes nothing. The settings can be given back all the same.
            _device.Restore();
            return;
        }

        try
        {
            if (_isRaw)
            {
                // In order, the cursor is at the start of an empty row; otherwise it is somewhere in the block.
                Write(isOrderly ? Unask : Unask + "\r\n\e[J");
                _isRaw = false;
                _device.Restore();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }
}
