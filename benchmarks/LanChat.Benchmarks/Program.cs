using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Framing*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
