import AccessControl
public import AccessEngine
import IssueModel
import JiraClient
import Store

extension SyncService {
    /// Reads what decides who sees what in a source again, as far as it is due, and makes it hold.
    ///
    /// Issues whose keys lack what the rules then ask for get them from the kept copies, without a request.
    ///
    /// - Throws: ``SyncFailure``. Where the credential is refused, every project of the source is hidden already.
    public func refreshAccess(
        _ name: String, _ extent: AccessRefresh.Extent = .due,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> AccessRefreshSummary {
        do {
            let source = try await source(named: name)
            let client = try await client(of: source)
            let refresh = AccessRefresh(store: store, client: client, source: source, time: time, log: log)
            var summary = try await refresh.run(extent) { done, expected in
                report(SyncProgress(phase: .access, done: done, total: expected))
            }
            summary.requests = client.metrics.requests
            summary.rewritten = try await rewriteKeys(of: source, outdated: summary.outdated)
            return summary
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    /// Gives stored issues the keys that the rules of now ask for, from the kept copies, without a request: after the
    /// access mode changed, a level was declared or withdrawn, or an issue is no longer withheld.
    ///
    /// - Returns: How many issues have other acls now.
    @discardableResult
    public func rewriteKeys(of name: String) async throws(SyncFailure) -> Int {
        do {
            let source = try await source(named: name)
            let outdated = try await store.read { connection in
                let facts = try AccessRecords.facts(source: source.id, withPeople: false, in: connection)
                return try AccessRecords.outdated(rules: AudienceRules(facts), source: source.id, in: connection)
            }
            return try await rewriteKeys(of: source, outdated: outdated)
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    func rewriteKeys(of source: Source, outdated: Set<Int64>) async throws -> Int {
        try await KeyRewriting(store: store, source: source, time: time).run(outdated: outdated).rewritten
    }
}
