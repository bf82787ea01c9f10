using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LanChat.Throughput;

/// <summary>A chat server on ASP.NET Core SignalR with its defaults, and without logging.</summary>
internal static class SignalRCommand
{
    internal static Command Make()
    {
        var port = new Option<int>("--port") { Required = true };
        var tls = new Option<bool>("--tls");
        var signalR = new Command("signalr", "A SignalR hub, on loopback") { port, tls };
        signalR.Hidden = true;
        signalR.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(port), arguments.GetValue(tls), cancellationToken));
        return signalR;
    }

    private static async Task RunAsync(int port, bool isTls, CancellationToken cancellationToken)
    {
        using X509Certificate2? certificate = isTls ? SelfSigned.Create() : null;
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.Services.AddSignalR();
        await using WebApplication app = builder.Build();
        app.MapHub<ChatHub>(ChatHub.Path);
        await app.StartAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
        try
        {
            await IdleCollection.RunAsync(() => ChatHub.Connections, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // How a run ends.
        }
    }
}
