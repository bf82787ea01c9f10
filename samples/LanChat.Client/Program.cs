using LanChat.Samples;

return await CommandLines.RunAsync(ClientCommand.Create(), args, endsOnSignals: true);
