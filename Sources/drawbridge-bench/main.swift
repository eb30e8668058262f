import Foundation

// Measures Drawbridge. Each subcommand prints a table, or one JSON document with --json.
let arguments = BenchArguments(Array(CommandLine.arguments.dropFirst()))
do {
    var reports: [BenchReport] = []
    let wanted = arguments.commands.isEmpty ? ["ranking", "search"] : arguments.commands
    for command in wanted {
        switch command {
        case "sync":
            reports.append(try await SyncBenchmark(arguments, latency: arguments.number("latency", default: 0)).run())
        case "simulate": try await SimulatorProcess.serve(arguments)
        case "search": reports.append(try await SearchBenchmark(arguments).run())
        case "ranking": reports.append(try await RankingBenchmark(arguments).run())
        default:
            FileHandle.standardError.write(
                Data("There is no benchmark `\(command)`. There are: ranking, search, sync\n".utf8))
            exit(2)
        }
    }
    for report in reports { print(arguments.wantsJSON ? report.json : report.table) }
} catch {
    FileHandle.standardError.write(Data("The benchmark failed: \(error)\n".utf8))
    exit(1)
}
