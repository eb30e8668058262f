import AccountCommands
import AttachmentText
import Configuration
import Console
import Foundation
import Reading
import SimulatorCommands
import SiteConnection

/// The program: reads the command line and the environment, runs one command, and tells how it ended.
@main
struct Drawbridge {
    static let version = "0.1.0"

    static let commands: [Command] = [
        [.demo, .serve], Command.sources, Command.deletions, [.sourceScope, .sourceMove],
        [.sync, .reindex, .search, .issue],
        Command.access,
        Command.accessLevels,
        [.accessConfigure, .accessAudit],
        Command.webhooks, Command.subscriptions, Command.members, Command.accounts.tokens, Command.accounts.audit,
        [.convert, .exportIssues],
        Command.operation, Command.copies, Command.settings, [.keyRotate, .jiraSimulator],
    ].flatMap { $0 }

    static func main() async {
        if CommandLine.arguments.dropFirst().first == SandboxedReader.workerCommand {
            exit(ExtractionWorker.run(arguments: Array(CommandLine.arguments.dropFirst(2))))
        }
        // A reader that goes away, or a file that may not grow, must not kill a writer in the middle of its work: the
        // write fails instead, and the failure is told.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let environment = ProcessInfo.processInfo.environment
        Terminal.adapt(to: environment)
        var code = await run(Array(CommandLine.arguments.dropFirst()), environment)
        Terminal.endProgress()
        if code == .done, let failure = Terminal.outputFailure {
            Terminal.note("drawbridge: " + failure.description)
            code = .failed
        }
        exit(code.rawValue)
    }

    private static func run(_ words: [String], _ environment: [String: String]) async -> ExitCode {
        let parser = CommandParser(commands: commands, environment: environment) { word, known in
            Spelling.nearest(to: word, among: known)
        }
        do {
            if words == ["--version"] {
                Terminal.print("drawbridge \(version)")
                return .done
            }
            switch try parser.parse(words) {
            case .overview: Terminal.print(Help.overview(of: commands))
            case .help(let command): Terminal.print(Help.text(for: command))
            case .run(let invocation):
                if let problem = invocation.settings.problems.first { throw UsageError(problem.message) }
                return try await invocation.command.run(invocation)
            }
            return words.isEmpty ? .wrongUsage : .done
        } catch {
            let report = FailureReport(error)
            Terminal.note("drawbridge: " + report.message)
            return report.exitCode
        }
    }
}
