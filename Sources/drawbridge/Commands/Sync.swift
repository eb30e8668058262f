import AccessEngine
import FastJSON
import Journal
import SiteConnection
import Store
import SyncEngine

extension Command {
    static let sync = Command(
        words: ["sync"], summary: "Copy what is new at a source; the first time everything, newest first",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .flag("--full", "read everything again, whatever is stored"),
            .flag("--watch", "go on until stopped: read what is new, wait, and read again"),
            .value("--interval", "SECONDS", "with --watch, the wait between two runs; 60 without it, at least 1"),
            .value(
                "--access-interval", "SECONDS",
                "with --watch, how often who may see what is read again; the source's own setting without it"),
            .flag("--json", "print the summary as JSON, with --watch one line a run"),
        ],
        discussion: """
            Stop it at any time, even by killing it: the next run goes on where this one was. What went wrong on the way is listed
            at the end; exit code 5 says that something is missing. With --watch, a Jira that cannot be reached is tried again
            after the wait; a refused credential ends the command. Who may see what is read again on a schedule of its own, also
            between two runs.
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
        return try await Session.with(invocation, for: .writing) { session in
            guard invocation.has("--watch") else {
                let service = session.synchroniser(invocation.environment)
                return try await SyncReport.run(
                    name, service, isFull: invocation.has("--full"), json: invocation.wantsJSON)
            }
            let usual = try await session.source(named: name).accessOptions.refresh
            let refresh = accessInterval ?? usual
            let service = session.synchroniser(invocation.environment, accessInterval: .seconds(refresh))
            try await SyncReport.watch(
                name, service, isFull: invocation.has("--full"), json: invocation.wantsJSON,
                interval: .seconds(interval ?? 60), accessInterval: .seconds(refresh), session
            ) { await Watchman.writeMetrics(of: session, invocation.environment) }
        }
    }
}

/// Shows a synchronisation while it runs and what came of it.
enum SyncReport {
    /// Runs once, with a progress line on a terminal.
    static func run(_ name: String, _ service: SyncService, isFull: Bool, json: Bool) async throws -> ExitCode {
        do {
            let summary = try await service.synchronise(name, isFull ? .full : .all) { progress in
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

    /// Runs again and again until the program is stopped or a run fails for a reason that waiting does not mend.
    static func watch(
        _ name: String, _ service: SyncService, isFull: Bool, json: Bool, interval: Duration, accessInterval: Duration,
        _ session: Session, afterEach: () async -> Void
    ) async throws -> Never {
        var isFull = isFull
        var nextAudit = ContinuousClock.now
        while true {
            do {
                _ = try await run(name, service, isFull: isFull, json: json)
                isFull = false
            } catch let failure as SyncFailure where failure.kind == .unreachable {
                let seconds = Int(interval.components.seconds)
                Terminal.note("drawbridge: \(FailureReport(failure).message)")
                Terminal.note("  The next try is in \(Wording.duration(seconds: seconds)).")
            }
            if nextAudit <= .now {
                nextAudit = .now + accessInterval
                try await audit(name, service, session)
            }
            await afterEach()
            try await keepAccess(name, service, until: .now + interval, afterEach: afterEach)
        }
    }

    /// Waits for the next run and reads meanwhile, on its own schedule, who may see what.
    private static func keepAccess(
        _ name: String, _ service: SyncService, until end: ContinuousClock.Instant, afterEach: () async -> Void
    ) async throws {
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            let wait = max(.seconds(1), try await service.untilAccessRefresh(of: name))
            guard wait < left else { return try await Task.sleep(for: left) }
            try await Task.sleep(for: wait)
            do throws(SyncFailure) {
                let summary = try await service.refreshAccess(name)
                for warning in summary.warnings { Terminal.note("warning: \(Terminal.visible(warning.message))") }
            } catch {
                guard error.kind == .unreachable else { throw error }
                // Told by the run that follows; what is known holds until its lease ends.
                return try await Task.sleep(until: end)
            }
            await afterEach()
        }
    }

    /// Compares a little of what is shown with what Jira shows, as much as the source's options leave for it.
    static func audit(_ name: String, _ service: SyncService, _ session: Session) async throws {
        guard let limits = AccessAudit.Limits(beside: try await session.source(named: name).accessOptions) else {
            return
        }
        do throws(SyncFailure) {
            let summary = try await service.auditAccess(name, limits: limits)
            guard summary.totals.tooMuch > 0 else { return }
            Terminal.note(
                "warning: \(Wording.count(summary.withheld.count, "issue")) hidden: Jira does not show them to everybody we "
                    + "would have. 'drawbridge status' tells more.")
        } catch {
            // What Jira does not answer is compared the next time.
            guard error.kind == .unreachable else { throw error }
        }
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
