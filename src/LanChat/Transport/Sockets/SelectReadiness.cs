using System.Net.Sockets;

namespace LanChat.Transport.Sockets;

/// <summary>Readiness by <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, int)"/>: for systems without <c>poll</c>.</summary>
internal sealed class SelectReadiness : Readiness
{
    private readonly List<(Socket Socket, LinkEvents Wanted, LinkEvents Found)> _places = [];

    // Built for each wait, of which they are also the answer.
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];

    internal override LinkEvents this[int place] => _places[place].Found;

    internal override void Add(Socket socket) => _places.Add((socket, LinkEvents.Readable, LinkEvents.None));

    internal override void RemoveAt(int place)
    {
        _places[place] = _places[^1];
        _places.RemoveAt(_places.Count - 1);
    }

    internal override void SetInterest(int place, LinkEvents events) => _places[place] = _places[place] with { Wanted = events };

    internal override int Wait(bool block)
    {
        _readable.Clear();
        _writable.Clear();
        foreach ((Socket socket, LinkEvents wanted, _) in _places)
        {
            if ((wanted & LinkEvents.Readable) != 0)
            {
                _readable.Add(socket);
            }

            if ((wanted & LinkEvents.Writable) != 0)
            {
                _writable.Add(socket);
            }
        }

        // The first place, which is always waited for, sees to it that there is something to look at. A failure counts as readable, and as writable.
        Socket.Select(_readable, _writable, null, block ? -1 : 0);
        return NoteFound();
    }

    // What is left of the lists is in the order of the places.
    private int NoteFound()
    {
        int found = 0;
        int readable = 0;
        int writable = 0;
        for (int place = 0; place < _places.Count; place++)
        {
            Socket socket = _places[place].Socket;
            LinkEvents events = LinkEvents.None;
            if (readable < _readable.Count && ReferenceEquals(_readable[readable], socket))
            {
                readable++;
                events |= LinkEvents.Readable;
            }

            if (writable < _writable.Count && ReferenceEquals(_writable[writable], socket))
            {
                writable++;
                events |= LinkEvents.Writable;
            }

            found += events == LinkEvents.None ? 0 : 1;
            _places[place] = _places[place] with { Found = events };
        }

        return found;
    }
}
