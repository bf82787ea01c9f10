namespace LanChat.Throughput;

/// <summary>Who is in one room, and how far everybody is in what was said there.</summary>
/// <remarks>A message is complete when the slowest receiver has it.</remarks>
internal sealed class Room(string name, int firstPublisher, int publishers, int receivers)
{
    private readonly int[] _received = new int[receivers];
    private readonly Member[] _publishers = new Member[publishers];
    private long _deliveries;
    private int _completed;
    private int _next;

    internal string Name => name;

    /// <summary>The number of its first publisher; they are numbered through all rooms.</summary>
    internal int FirstPublisher => firstPublisher;

    internal int Publishers => publishers;

    internal int Receivers => receivers;

    internal int Published { get; private set; }

    /// <summary>Deliveries to receivers, those included that a server owes nobody because they are the receiver's own.</summary>
    internal long Deliveries => _deliveries;

    /// <summary>Messages that everybody has.</summary>
    internal int Completed
    {
        get
        {
            // The minimum is looked for only when the sum allows that it has risen.
            if (_deliveries >= (_completed + 1L) * receivers)
            {
                _completed = _received.Min();
            }

            return _completed;
        }
    }

    internal void SetPublisher(Member member) => _publishers[member.Publisher - firstPublisher] = member;

    /// <summary>Whose turn it is to speak: one message each, in turns.</summary>
    internal Member NextPublisher()
    {
        Published++;
        Member member = _publishers[_next];
        _next = _next + 1 == publishers ? 0 : _next + 1;
        return member;
    }

    internal void Received(int receiver)
    {
        _received[receiver]++;
        _deliveries++;
    }
}
