using System.Net;
using System.Net.Sockets;
using LanChat.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LanChat.Connections.Client;

/// <summary>Makes a client's connection: a link, TLS over it, the check of who answers, HELLO and WELCOME; all within one timeout.</summary>
internal static class ClientConnector
{
    /// <summary>Opens a link that is ready for frames, checked already where it is TLS.</summary>
    private delegate ValueTask<ClientLink> OpenLink(CancellationToken cancellationToken);

    /// <summary>Connects to a server by its address.</summary>
    internal static ValueTask<ChatClient> ConnectAsync(ServerAddress address, ChatClientOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(address, token => ClientLink.ConnectAsync(address.EndPoint, token), options, cancellationToken);

    /// <summary>Connects to a server by its address, over any transport.</summary>
    internal static async ValueTask<ChatClient> ConnectAsync(
        ServerAddress address,
        Func<CancellationToken, ValueTask<ClientLink>> transport,
        ChatClientOptions options,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var check = ServerCheck.ForAddress(address, options.KnownServers);
        return await ConnectAsync(check, token => OpenAsync(transport, check, options, token), options, cancellationToken).ConfigureAwait(false);
    }

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
        return await ConnectAsync(check, token => OpenFirstAsync(endPoints, check, options, token), options, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ChatClient> ConnectAsync(ServerCheck check, OpenLink open, ChatClientOptions options, CancellationToken cancellationToken)
    {
        ILogger logger = options.LoggerFactory.CreateLogger(typeof(ChatClient).FullName!);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            ClientLink link = await open(either.Token).ConfigureAwait(false);
            return await IntroduceAsync(link, check, options, logger, either.Token).ConfigureAwait(false);
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

    private static async ValueTask<ClientLink> OpenAsync(
        Func<CancellationToken, ValueTask<ClientLink>> transport,
        ServerCheck check,
        ChatClientOptions options,
        CancellationToken cancellationToken)
    {
        ClientLink link = await transport(cancellationToken).ConfigureAwait(false);
        return options.Plaintext ? link : await ClientTls.ConnectAsync(link, check, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries end points until one answers as it should. Anybody can announce anything, so one that does not is no alarm.</summary>
    private static async ValueTask<ClientLink> OpenFirstAsync(IReadOnlyList<IPEndPoint> endPoints, ServerCheck check, ChatClientOptions options, CancellationToken cancellationToken)
    {
        var last = new ChatException(DisconnectReason.ConnectionReset, $"cannot connect to {check.Where}: it announces no address");
        foreach (IPEndPoint endPoint in endPoints)
        {
            using var share = new CancellationTokenSource(options.ConnectTimeout / endPoints.Count, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, share.Token);
            check.EndHandshake();
            try
            {
                return await OpenAsync(token => ClientLink.ConnectAsync(endPoint, token), check, options, either.Token).ConfigureAwait(false);
            }
            catch (ChatException exception)
            {
                last = exception;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                last = ChatException.NotConnected(check.Where, options.Name, DisconnectReason.ConnectionReset, $"{endPoint}: {exception.Message}", exception);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                last = ChatException.NotConnected(check.Where, options.Name, DisconnectReason.ConnectionReset, $"{endPoint}: no answer", exception);
            }
        }

        throw last;
    }

    private static async ValueTask<ChatClient> IntroduceAsync(ClientLink link, ServerCheck check, ChatClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var session = new ClientSession(options, check);
        var connection = new ClientConnection(check.Where, link, session, logger);
        connection.Start();
        try
        {
            if (await session.Welcomed.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                // Only now: somebody who speaks TLS but not LanChat is not worth a place among the known.
                await check.KeepAsync(session.ServerName, options.TimeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                Log.ClientConnected(logger, check.Where, session.ServerName, session.Name);
                return new ChatClient(session, connection, check);
            }
        }
        catch (OperationCanceledException)
        {
            session.End(DisconnectReason.Aborted, "not welcomed in time", saysGoodbye: false);
            await connection.Completion.ConfigureAwait(false);
            throw;
        }
        catch (ChatException)
        {
            // Not kept: without it, the next one to answer there would be as new.
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await connection.Completion.ConfigureAwait(false);
        throw check.Refusal ?? ChatException.NotConnected(check.Where, options.Name, session.Reason, session.EndText);
    }
}
