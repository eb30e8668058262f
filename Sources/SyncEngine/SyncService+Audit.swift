public import AccessEngine
public import IssueModel
public import SiteConnection
import Store

extension SyncService {
    /// Compares what is shown of a source with what Jira itself shows, and writes the keys of released issues again.
    ///
    /// Reads first what is due where the last refresh is longer ago than from one to the next: what changed in Jira since is
    /// no mistake.
    ///
    /// - Throws: ``SyncFailure``. What Jira does not answer is told in the summary.
    public func auditAccess(
        _ name: String, limits: AccessAudit.Limits = .init(), seed: UInt64? = nil
    ) async throws(SyncFailure) -> AuditSummary {
        if try await untilAccessRefresh(of: name) == .zero { _ = try await refreshAccess(name) }
        do {
            let source = try await source(named: name)
            let audit = AccessAudit(
                store: store, client: try await client(of: source), source: source, personal: personal,
                limits: limits, seed: seed, time: time, log: log, metrics: metrics)
            let summary = try await audit.run()
            if !summary.released.isEmpty { _ = try await rewriteKeys(of: source, outdated: []) }
            return summary
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    /// Reads what Jira lists to members with their own credentials again: what is due, or one account's.
    ///
    /// - Throws: ``SyncFailure``. What Jira does not answer is told in the summary.
    public func refreshListings(
        _ name: String, _ extent: ListingRefresh.Extent = .due, account: AccountID? = nil
    ) async throws(SyncFailure) -> ListingSummary {
        do {
            let source = try await source(named: name)
            return try await ListingRefresh(store: store, source: source, access: personal, time: time, log: log)
                .run(extent, account: account)
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }
}
