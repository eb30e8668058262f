import Console
import FastJSON
import Journal
import Scheduling
import SiteConnection
import Store
import SyncEngine

/// Follows one source until the program is stopped, or a run fails for a reason that waiting does not mend.
struct SyncWatch: Sendable {
    let name: String
    let isFull: Bool
    let json: Bool

    func run(
        _ session: Session, _ invocation: Invocation, interval: Int?, accessInterval: Int?
    ) async throws -> ExitCode {
        // A name that is wrong is told at once.
        let source = try await session.source(named: name)
        if source.state == .paused {
            throw SyncFailure(
                .sourcePaused, what: "The source \(name) is paused.", fix: "Resume it with drawbridge source resume.")
        }
        let refresh = accessInterval ?? source.accessOptions.refresh
        let environment = invocation.environment
        var options = SourceKeeper.Options(holder: Session.holder)
        options.only = source.name
        options.first = .synchronise(isFull ? .full : .all)
        options.adjust = { facts in
            if let interval { facts.schedule.changes = interval }
            facts.access.refresh = refresh
        }
        // As often as in good times: somebody watches.
        if let interval { options.intervals.longestBackoff = interval }
        options.ends = { $0.kind != .unreachable && $0.code != .cancelled && $0.code != .sourcePaused }
        let keeper = SourceKeeper(
            store: session.store,
            work: .service(
                session.synchroniser(environment, accessInterval: .seconds(refresh)), store: session.store,
                log: Watchman.log(environment)),
            options: options, log: Watchman.log(environment), metrics: Watchman.metrics
        ) { show($0) }
        _ = try await Signals.untilStopped {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await keeper.run() }
                group.addTask {
                    while (try? await Task.sleep(for: .seconds(15))) != nil {
                        await Watchman.writeMetrics(of: session, environment)
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        try await keeper.retire()
        return .done
    }

    private func show(_ event: SourceKeeper.Event) {
        switch event {
        case .progress(_, let progress): Terminal.progress(SyncReport.line(progress))
        case .ended(_, let job, .success(let outcome)):
            Terminal.endProgress()
            if let summary = outcome.summary {
                let isWorthALine =
                    summary.issues.read > 0 || ![.pending, .catalogue].contains { job == .synchronise($0) }
                if isWorthALine { SyncReport.show(summary, json: json) }
            } else {
                for warning in outcome.warnings { Terminal.note("warning: \(Terminal.visible(warning))") }
            }
        case .ended(_, _, .failure(let failure)):
            Terminal.endProgress()
            if json, let summary = failure.summary { SyncReport.show(summary, json: true) }
            guard failure.kind == .unreachable else { return }
            Terminal.note("drawbridge: \(FailureReport(failure).message)\n  It is tried again.")
        case .began, .waits: break
        }
    }
}
