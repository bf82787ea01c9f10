using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LanChat.Tests.Support;

/// <summary>A machine of its own as far as the network goes: a thread that has entered a network namespace of Linux. Sockets opened on it are in that network for good, and
/// the interfaces listed on it are that network's.</summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int NewNetwork = 0x40000000;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    internal NetworkNamespace(string name)
    {
        Name = name;
        Time = new NamespaceTime(this);
        var entered = new TaskCompletionSource();
        _thread = new Thread(() => Run(entered)) { IsBackground = true, Name = name };
        _thread.Start();
        entered.Task.GetAwaiter().GetResult();
    }

    internal string Name { get; }

    /// <summary>The system's time, with timers that fire on this thread: what looks at the interfaces from a timer must look from here.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Runs something in this network. What a timer here has woken is on this thread already.</summary>
    internal T Run<T>(Func<T> work)
    {
        if (Thread.CurrentThread == _thread)
        {
            return work();
        }

        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                result.SetResult(work());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task.GetAwaiter().GetResult();
    }

    /// <summary>Leaves the network. Not called from inside it: it waits for the thread.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
    }

    private void Run(TaskCompletionSource entered)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle($"/run/netns/{Name}");
            if (SetNamespace(file, NewNetwork) != 0)
            {
                throw new InvalidOperationException($"setns: error {Marshal.GetLastPInvokeError()}");
            }

            entered.SetResult();
        }
        catch (Exception exception)
        {
            entered.SetException(exception);
            return;
        }

        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);

    private sealed class NamespaceTime(NetworkNamespace owner) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(
                _ =>
                {
                    try
                    {
                        owner._work.Add(() => callback(state));
                    }
                    catch (InvalidOperationException)
                    {
                        // It fired while the namespace was being left.
                    }
                },
                null,
                dueTime,
                period);
    }
}
