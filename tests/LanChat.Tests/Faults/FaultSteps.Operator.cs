using System.Text;
using LanChat.Sessions;

namespace LanChat.Tests.Faults;

/// <content>Operators: now and then somebody has the right to act as one, for as long as the connection lasts, and does.</content>
internal sealed partial class FaultSteps
{
    private void Command()
    {
        if (AnyClient(client => client is { Client: not null, IsStopping: false }) is not { } client)
        {
            return;
        }

        bool hasRights = _random.Next(4) > 0;
        if (hasRights && _world.Host?.Context.Sessions.FindByName(SessionNames.KeyOf(Encoding.UTF8.GetBytes(client.Name)))?.Connection is { } connection)
        {
            connection.IsOperator = true;
        }

        if (_random.Next(3) > 0)
        {
            _say($"{client} gives a notice{(hasRights ? "" : " without the right to")}");
            client.GiveNotice();
            return;
        }

        string name = _world.Clients[_random.Next(_world.Clients.Count)].Name;
        _say($"{client} kicks {name}{(hasRights ? "" : " without the right to")}");
        _world.Kicked.Add(name);
        client.Kick(name);
    }
}
