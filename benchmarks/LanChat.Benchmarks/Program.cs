using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/LanChat.Benchmarks -- --filter '*Framing*'
// With --job short figures come sooner, and vary more; with --job Dry they are none: each benchmark is only run once, with its checks.
IConfig config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config)
    .All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
