import Foundation

// Measures Drawbridge. Prints each figure beside what it must reach; --json prints one JSON document a benchmark instead, and
// --append FILE adds that document to a file. Each benchmark runs in a process of its own, so that memory is its own: see scripts/bench.
let arguments = BenchArguments(Array(CommandLine.arguments.dropFirst()))
let known =
    "access, instep (\(InStepBenchmark.parts.joined(separator: ", "))), ranking, refresh, search, streams, sync, webhooks"
do {
    guard !arguments.commands.isEmpty else {
        FileHandle.standardError.write(
            Data("Name a benchmark: \(known). `make bench` runs them all.\n".utf8))
        exit(2)
    }
    for command in arguments.commands {
        let report: BenchReport
        switch command {
        case "simulate":
            try await SimulatorProcess.serve(arguments)
            continue
        case "sync": report = try await SyncBenchmark(arguments).run()
        case "search": report = try await SearchBenchmark(arguments).run()
        case "access": report = try await AccessBenchmark(arguments).run()
        case "refresh": report = try await RefreshBenchmark(arguments).run()
        case "delta": report = try await DeltaBenchmark(arguments).run()
        case "census": report = try await CensusBenchmark(arguments).run()
        case "fresh": report = try await FreshBenchmark(arguments).run()
        case "day": report = try await DayBenchmark(arguments).run()
        case "instep":
            try InStepBenchmark.run(arguments)
            continue
        case "webhooks": report = try await WebhookBenchmark(arguments).run()
        case "streams": report = try await StreamBenchmark(arguments).run()
        case "ranking": report = try await RankingBenchmark(arguments).run()
        default:
            FileHandle.standardError.write(
                Data("There is no benchmark `\(command)`. There are: \(known)\n".utf8))
            exit(2)
        }
        print(arguments.wantsJSON ? report.json : report.table)
        if let file = arguments.options["append"] { try report.append(to: file) }
    }
} catch {
    FileHandle.standardError.write(Data("The benchmark failed: \(error)\n".utf8))
    exit(1)
}
