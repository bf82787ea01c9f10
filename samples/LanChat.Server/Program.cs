using LanChat.Samples;

return await CommandLines.RunAsync(ServerCommand.Create(), args, endsOnSignals: false);
