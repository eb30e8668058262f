import IssueModel
import JiraClient
public import Reconciliation
public import SiteConnection
public import Store

extension SyncService {
    /// Lists what Jira has, compares it with what is stored, and reads what differs.
    ///
    /// - Parameter slice: How much of it; the next call goes on.
    /// - Throws: ``SyncFailure``. What was compared before is kept.
    public func takeCensus(
        _ name: String, _ slice: CensusSlice = .everything,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> CensusSummary {
        var summary: CensusSummary
        do {
            summary = try await census(of: name, slice, report)
        } catch {
            // The listing under way left issues out; nothing was concluded from it.
            guard error.code == .zoneChanged else { throw error }
            summary = try await census(of: name, slice, report)
        }
        let read = try await synchronise(name, .pending, report: report)
        summary.deleted += read.issues.deleted
        return summary
    }

    private func census(
        of name: String, _ slice: CensusSlice, _ report: @escaping @Sendable (SyncProgress) -> Void
    ) async throws(SyncFailure) -> CensusSummary {
        var known: Source?
        do {
            let source = try await source(named: name)
            known = source
            let client = try await pooledClient(of: source)
            try await DeletionTrail(store: store, client: client, source: source, time: time).follow()
            let census = Census(store: store, client: client, source: source, time: time, log: log)
            return try await census.run(slice) { listed in report(SyncProgress(phase: .issues, done: listed)) }
        } catch {
            let failure = SyncFailure(error, in: .issues)
            if let known { await doubt(known, failure) }
            throw failure
        }
    }

    /// Counts what another scope of a source would read and destroy; changes nothing.
    ///
    /// - Throws: ``SyncFailure``, with code `queryRefused` for a JQL that Jira does not understand.
    public func planScope(
        of name: String, _ scope: Source.Scope
    ) async throws(SyncFailure) -> ScopeChange {
        do {
            let source = try await source(named: name)
            return try await ScopeChange.plan(
                scope, for: source, in: store, client: try await client(of: source), time: time)
        } catch {
            throw SyncFailure(error, in: .projects)
        }
    }

    /// Makes another scope hold: destroys what is not in it, and lets wait what is new. The next run reads that alone.
    ///
    /// - Returns: How many issues were destroyed.
    /// - Throws: ``SyncFailure``.
    @discardableResult
    public func changeScope(of name: String, by change: ScopeChange) async throws(SyncFailure) -> Int {
        do {
            let source = try await source(named: name)
            let (id, phase, restriction, now) = (
                source.id, SyncRun.checkpointPhase, change.after.restriction, time.now()
            )
            return try await change.apply(to: source, in: store, time: time) { context in
                try SyncCheckpoint.follow(restriction, phase: phase, at: now, source: id, in: context)
            }
        } catch {
            throw SyncFailure(error, in: .projects)
        }
    }

    /// Destroys copies of removed issues whose grace period has ended; see `GraveKeeper.purge`.
    ///
    /// Nothing else may write a source meanwhile.
    ///
    /// - Returns: How many copies were destroyed.
    @discardableResult
    public func purgeRemoved() async throws(SyncFailure) -> Int {
        do {
            return try await GraveKeeper.purge(in: store, at: time.now())
        } catch {
            throw SyncFailure(error, in: .issues)
        }
    }
}
