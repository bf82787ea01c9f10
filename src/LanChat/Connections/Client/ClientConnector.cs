using System.Net;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections.Client;

/// <summary>Makes a client's first connection: a link, TLS over it, the check of who answers, HELLO and WELCOME; all within one timeout.</summary>
internal static class ClientConnector
{
    /// <summary>Connects to a server by its address.</summary>
    internal static ValueTask<ChatClient> ConnectAsync(ServerAddress address, ChatClientOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(address, ClientRoute.To(address, options), options, cancellationToken);

    /// <summary>Connects to a server by its address, over any transport; again over the same when the connection is lost.</summary>
    internal static ValueTask<ChatClient> ConnectAsync(
        ServerAddress address,
        Func<CancellationToken, ValueTask<ClientLink>> transport,
        ChatClientOptions options,
        CancellationToken cancellationToken) => ConnectAsync(address, ClientRoute.Over(transport, options), options, cancellationToken);

    /// <summary>Connects to a server that was discovered, at the first end point that answers with its key.</summary>
    internal static async ValueTask<ChatClient> ConnectAsync(
        string serverName,
        ServerId id,
        IReadOnlyList<IPEndPoint> endPoints,
        ChatClientOptions options,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var check = ServerCheck.ForDiscovered(serverName, id, options.KnownServers);
        return await ConnectAsync(check, ClientRoute.ToAny(endPoints, options), options, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ChatClient> ConnectAsync(ServerAddress address, ClientRoute route, ChatClientOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var check = ServerCheck.ForAddress(address, options.KnownServers);
        return await ConnectAsync(check, route, options, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ChatClient> ConnectAsync(ServerCheck check, ClientRoute route, ChatClientOptions options, CancellationToken cancellationToken)
    {
        if (options.Plaintext && !options.Credential.IsEmpty)
        {
            throw new ArgumentException("A credential is sent only inside TLS; connect without Plaintext, or without a credential.", nameof(options));
        }

        ILogger logger = AppLog.Create(options.LoggerFactory, typeof(ChatClient).FullName!);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            ClientLink link = await route.OpenAsync(check, either.Token).ConfigureAwait(false);
            var session = new ClientSession(options);
            var connection = new ClientConnection(session, check, link, logger);
            connection.Start();
            await IntroduceAsync(session, connection, options, logger, either.Token).ConfigureAwait(false);
            return new ChatClient(session, new ClientSupervisor(session, connection, route, options, logger), check);
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string what = check.IsHandshaking ? "it took the connection, but does not answer in TLS" : "no answer";
            string text = $"{what} within {options.ConnectTimeout.TotalSeconds:0.###} s";
            throw ChatException.NotConnected(check.Where, options.Name, DisconnectReason.ConnectionReset, text, exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw ChatException.NotConnected(check.Where, options.Name, DisconnectReason.ConnectionReset, exception.Message, exception);
        }
    }

    /// <summary>Waits for WELCOME and keeps who gave it; else everything is released when this throws.</summary>
    private static async ValueTask IntroduceAsync(
        ClientSession session, ClientConnection connection, ChatClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        ServerCheck check = connection.Check;
        try
        {
            if (await connection.Welcomed.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                // Only now: somebody who speaks TLS but not LanChat is not worth a place among the known.
                await check.KeepAsync(session.ServerName, options.TimeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                Log.ClientConnected(logger, check.Where, session.ServerName, session.Name);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            session.End(DisconnectReason.Aborted, "not welcomed in time");
            await connection.Completion.ConfigureAwait(false);
            Log.ClientEnded(logger, check.Where, session.Reason, session.EndText);
            throw;
        }
        catch (Exception)
        {
            // Not kept: without it, the next one to answer there would be as new.
            session.Stop();
            await connection.Completion.ConfigureAwait(false);
            Log.ClientEnded(logger, check.Where, session.Reason, session.EndText);
            throw;
        }

        await connection.Completion.ConfigureAwait(false);
        Log.ClientEnded(logger, check.Where, session.Reason, session.EndText);
        throw check.Refusal ?? ChatException.NotConnected(
            check.Where, options.Name, session.Reason, session.EndText, needsJoinCode: session.Reason == DisconnectReason.NotProved && connection.Proofs.IsCodeToBlame);
    }
}
