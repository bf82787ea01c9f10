using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LanChat.Rooms;

/// <summary>Asks the processor to bring objects near that are about to be needed; where it cannot be asked, nothing is done.</summary>
internal static unsafe class Prefetch
{
    private const int LineBytes = 64;

    /// <summary>The first two cache lines of an object, which is all of the small ones. A hint: if the collector moves the object at this moment, it is merely in vain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Of(object target)
    {
        if (Sse.IsSupported)
        {
            byte* address = *(byte**)Unsafe.AsPointer(ref target);
            Sse.Prefetch1(address);
            Sse.Prefetch1(address + LineBytes);
        }
    }
}
