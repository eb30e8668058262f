import FastJSON
import Store
import SyncEngine

extension Command {
    static let sync = Command(
        words: ["sync"], summary: "Copy what is new at a source; the first time everything, newest first",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .flag("--full", "read everything again, whatever is stored"),
            .flag("--watch", "go on every minute until stopped"),
            .flag("--json", "print the summary as JSON, with --watch one line a run"),
        ],
        discussion: """
            Stop it at any time, even by killing it: the next run goes on where this one was. What went wrong on the way is listed
            at the end; exit code 5 says that something is missing.
            """,
        example: "drawbridge sync work"
    ) { invocation in
        let name = invocation.arguments[0]
        return try await Session.with(invocation, for: .writing) { session in
            let service = session.synchroniser(invocation.environment)
            var code = try await SyncReport.run(
                name, service, isFull: invocation.has("--full"), json: invocation.wantsJSON)
            while invocation.has("--watch") {
                try await Task.sleep(for: .seconds(60))
                code = try await SyncReport.run(name, service, isFull: false, json: invocation.wantsJSON)
            }
            return code
        }
    }
}

/// Shows a synchronisation while it runs and what came of it.
enum SyncReport {
    /// Runs once, with a progress line on a terminal.
    static func run(_ name: String, _ service: SyncService, isFull: Bool, json: Bool) async throws -> ExitCode {
        do {
            let summary = try await service.synchronise(name, isFull: isFull) { progress in
                Terminal.progress(line(progress))
            }
            Terminal.endProgress()
            show(summary, json: json)
            return isPartial(summary) ? .partlyDone : .done
        } catch {
            Terminal.endProgress()
            if json, let summary = error.summary { show(summary, json: true) }
            throw error
        }
    }

    static func line(_ progress: SyncProgress) -> String {
        let phase = progress.phase.rawValue
        guard let total = progress.total, total > 0 else {
            return progress.done > 0 ? "\(phase)  \(Terminal.grouped(progress.done))" : phase
        }
        let fraction = Double(progress.done) / Double(total)
        let left = progress.rate > 0 ? Int(Double(total - progress.done) / progress.rate) : nil
        let counts = "\(Terminal.grouped(progress.done)) of \(Terminal.grouped(total))"
        let rate = progress.rate >= 1 ? "  \(Terminal.grouped(Int(progress.rate)))/s" : ""
        return "\(phase)  \(Terminal.bar(fraction))  \(counts)\(rate)\(left.map { "  \($0) s left" } ?? "")"
    }

    static func show(_ summary: SyncSummary, json: Bool) {
        if json {
            var writer = JSONWriter()
            summary.write(to: &writer)
            Terminal.print(writer.bytes)
            return
        }
        let issues = summary.issues
        let seconds = (summary.seconds * 10).rounded() / 10
        Terminal.print(
            "\(summary.source): \(Terminal.grouped(issues.read)) issues read, \(Terminal.grouped(issues.stored)) stored, "
                + "\(Terminal.grouped(issues.unchanged)) unchanged; \(Terminal.grouped(summary.comments)) comments, "
                + "\(Terminal.grouped(summary.changes)) changes, \(Terminal.grouped(summary.attachments)) attachments; "
                + "\(Terminal.grouped(summary.requests)) requests in \(seconds) s (\(Terminal.grouped(Int(summary.issuesPerSecond))) issues/s)."
        )
        for warning in summary.warnings { Terminal.note("warning (\(warning.code.rawValue)): \(warning.message)") }
    }

    /// Whether something that the source holds is not in the copy, or is hidden because it could not be decided about.
    static func isPartial(_ summary: SyncSummary) -> Bool {
        let losses: Set<SyncWarning.Code> = [
            .issuesQuarantined, .issuesUnavailable, .accessUnreadable, .projectAccessUnreadable,
        ]
        return summary.warnings.contains { losses.contains($0.code) }
    }
}
