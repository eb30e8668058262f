import AccessEngine
import Console
import FastJSON
import IssueModel
import Scheduling
import SiteConnection
import SourceAdministration
import Store
import SyncEngine

extension Command {
    static let sync = Command(
        words: ["sync"], summary: "Copy what is new at a source; the first time everything, newest first",
        arguments: [
            Argument(name: "NAME", help: "the source's name"),
            Argument(
                name: "ISSUE", help: "only these issues, by key or id, wherever they are now", isOptional: true,
                isRepeatable: true),
        ],
        options: [
            .value("--project", "KEY", "only this project"),
            .flag("--full", "read everything again, whatever is stored"),
            .flag("--watch", "go on until stopped: read what is new by the source's schedule"),
            .value("--interval", "SECONDS", "with --watch, the wait between two runs, in the schedule's place"),
            .value(
                "--access-interval", "SECONDS",
                "with --watch, how often who may see what is read again; the source's own setting without it"),
            .flag("--json", "print the summary as JSON, with --watch one line a run"),
        ],
        discussion: """
            Stop it at any time, even by killing it: the next run goes on where this one was. What went wrong on the way is listed
            at the end; exit code 5 says that something is missing. While 'drawbridge serve' runs, it does the work and this command
            prints the result. With --watch, a Jira that cannot be reached is tried again after the wait; a refused credential ends
            the command. Who may see what, names, and what was deleted are read on schedules of their own, see 'source schedule'.
            """,
        example: "drawbridge sync work"
    ) { invocation in
        let name = invocation.arguments[0]
        let interval = try invocation.number("--interval", in: 1...86_400)
        let accessInterval = try invocation.number("--access-interval", in: 1...86_400)
        guard interval == nil || invocation.has("--watch") else { throw UsageError("--interval needs --watch") }
        guard accessInterval == nil || invocation.has("--watch") else {
            throw UsageError("--access-interval needs --watch")
        }
        let issues = Array(invocation.arguments.dropFirst())
        let narrow = [!issues.isEmpty, invocation.has("--project"), invocation.has("--full")].filter { $0 }.count
        guard narrow <= 1, narrow == 0 || !invocation.has("--watch") || invocation.has("--full") else {
            throw UsageError("issues, --project, --full and --watch say different things; give one")
        }
        if invocation.has("--watch") {
            let watch = SyncWatch(name: name, isFull: invocation.has("--full"), json: invocation.wantsJSON)
            return try await Session.with(invocation, for: .writing, role: "watch \(name)") { session in
                try await watch.run(session, invocation, interval: interval, accessInterval: accessInterval)
            }
        }
        return try await Control.with(invocation) { control in
            let source = try await control.session.source(named: name)
            var extents: [SyncExtent] = [invocation.has("--full") ? .full : .all]
            if let project = invocation.value("--project") { extents = [.project(project.uppercased())] }
            if !issues.isEmpty {
                extents = try await control.session.administration(invocation.environment)
                    .extents(of: issues, in: source)
            }
            var code = ExitCode.done
            for extent in extents {
                let ended = try await SyncReport.run(
                    .synchronise(extent), of: source, control, invocation.environment, json: invocation.wantsJSON)
                if ended != .done { code = ended }
            }
            return code
        }
    }
}

/// Shows a synchronisation while it runs and what came of it.
enum SyncReport {
    /// Does one job, here or in the server, with a progress line on a terminal.
    static func run(
        _ job: SourceWork.Job, of source: Source, _ control: Control, _ environment: [String: String], json: Bool
    ) async throws -> ExitCode {
        do {
            let outcome: SourceWork.Outcome
            if control.server != nil {
                outcome = try await control.ask(job, of: source)
            } else {
                let session = control.session
                let keeper = SourceKeeper(
                    store: session.store,
                    work: .service(session.synchroniser(environment), store: session.store),
                    options: .init(holder: Session.holder), log: Watchman.log(environment), metrics: Watchman.metrics
                ) { event in
                    if case .progress(_, let progress) = event { Terminal.progress(line(progress)) }
                }
                outcome = try await keeper.once(job, for: source.name)
            }
            Terminal.endProgress()
            guard let summary = outcome.summary else { return .done }
            show(summary, json: json)
            return isPartial(summary) ? .partlyDone : .done
        } catch {
            Terminal.endProgress()
            if json, let summary = (error as? SyncFailure)?.summary { show(summary, json: true) }
            throw error
        }
    }

    /// Reads everything that is new, with a progress line on a terminal.
    static func run(_ name: String, _ service: SyncService, json: Bool) async throws -> ExitCode {
        let summary = try await service.synchronise(name) { Terminal.progress(line($0)) }
        Terminal.endProgress()
        show(summary, json: json)
        return isPartial(summary) ? .partlyDone : .done
    }

    static func line(_ progress: SyncProgress) -> String {
        let phase = progress.phase.words
        guard let total = progress.total, total > 0 else {
            return progress.done > 0 ? "\(phase)  \(Wording.grouped(progress.done))" : "\(phase) …"
        }
        let fraction = Double(progress.done) / Double(total)
        let counts = "\(Wording.grouped(progress.done)) of \(Wording.grouped(total))"
        let rate = progress.rate >= 1 ? "  \(Wording.grouped(Int(progress.rate)))/s" : ""
        let left = progress.rate > 0 ? max(0, Int(Double(total - progress.done) / progress.rate)) : 0
        let wait = left > 1 ? "  \(Wording.duration(seconds: left)) left" : ""
        return "\(phase)  \(Wording.bar(fraction))  \(counts)\(rate)\(wait)"
    }

    static func show(_ summary: SyncSummary, json: Bool) {
        if json {
            var writer = JSONWriter()
            summary.write(to: &writer)
            Terminal.print(writer.bytes)
            return
        }
        Terminal.print(text(summary))
        for warning in summary.warnings { Terminal.note("warning: \(Terminal.visible(warning.message))") }
    }

    private static func text(_ summary: SyncSummary) -> String {
        let issues = summary.issues
        var parts = [Wording.count(issues.read, "issue") + " read"]
        if issues.read > 0 { parts[0] += ", \(Wording.grouped(issues.stored)) of them new or changed" }
        if issues.deleted > 0 { parts.append("\(Wording.grouped(issues.deleted)) removed") }
        if issues.quarantined > 0 { parts.append("\(Wording.grouped(issues.quarantined)) could not be stored") }
        if issues.stored > 0 {
            parts.append(
                "with \(Wording.count(summary.comments, "comment")), \(Wording.count(summary.changes, "change")) and "
                    + Wording.count(summary.attachments, "attachment"))
        }
        let pace = summary.issuesPerSecond >= 10 ? ", \(Wording.grouped(Int(summary.issuesPerSecond))) issues/s" : ""
        return """
            \(summary.source): \(parts.joined(separator: "; ")).
              \(Wording.count(summary.requests, "request")), \(Wording.size(bytes: summary.bytes)) in \
            \(Wording.rounded(summary.seconds)) s\(pace).
            """
    }

    /// Whether something that the source holds is not in the copy, or is hidden because it could not be decided about.
    static func isPartial(_ summary: SyncSummary) -> Bool {
        let losses: Set<SyncWarning.Code> = [
            .issuesQuarantined, .issuesUnavailable, .accessUnreadable, .projectAccessUnreadable,
        ]
        return summary.warnings.contains { losses.contains($0.code) }
    }
}

extension SyncPhase {
    /// What goes on in the phase, for people.
    fileprivate var words: String {
        switch self {
        case .identify: "signing in"
        case .fields: "fields"
        case .projects: "projects"
        case .access: "who may see what"
        case .issues: "issues"
        case .boards: "boards and sprints"
        case .attachments: "attachments"
        case .finished: "done"
        }
    }
}
