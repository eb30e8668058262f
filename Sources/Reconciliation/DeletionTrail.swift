import AccessControl
import AccessEngine
import FastJSON
import IssueDecoding
import IssueModel
public import JiraClient
import Journal
public import Store

/// Follows what Jira Cloud's audit log says was deleted, for sources whose access is not mirrored: with a mirrored source
/// the refresh of access reads the same log, and takes deletions in with one request for both.
public struct DeletionTrail: Sendable {
    let store: Store
    let client: JiraClient
    let source: Source
    let time: TimeSource

    public init(store: Store, client: JiraClient, source: Source, time: TimeSource = .system) {
        self.store = store
        self.client = client
        self.source = source
        self.time = time
    }

    /// How much later than it happened something may be in the log, in milliseconds.
    private static let lateness: Int64 = 300_000
    private static let phase = "deletion_trail"

    /// Reads what was recorded since the last call. How far it read moves only together with what it found.
    ///
    /// - Returns: Whether the log can be read at all: not on Data Center, with a free plan, or by an account that does not
    ///   administer the site. That is noted once, and tried again after a day.
    /// - Throws: What asking throws but for a refusal.
    @discardableResult
    public func follow() async throws -> Bool {
        guard client.flavour == .cloud, !source.isAnonymous, source.accessMode != .mirror else { return false }
        let (sourceID, now) = (source.id, time.now())
        let (known, refused) = try await store.read { connection in
            (
                try Checkpoints.data(Self.phase, source: sourceID, in: connection).flatMap { Int64($0) },
                try AccessFactRecords.record(.auditLog, source: sourceID, in: connection)
            )
        }
        if let refused, refused.problem != nil, let last = refused.verified, now.rawValue - last.rawValue < 86_400_000 {
            return false
        }
        let since = Timestamp(milliseconds: known ?? now.rawValue - Self.lateness)
        guard let records = try await records(since: since) else { return false }
        // By the site's clock, like the records; where it told none, by the newest of them.
        let newest = [client.siteTime, records.map(\.created).max()].compactMap(\.self).min() ?? now
        let next = max(known ?? 0, newest.rawValue - Self.lateness)
        try await store.write { context in
            let deletions = records.compactMap(\.deletion)
            try AuditDeletions.note(
                keys: deletions.compactMap { if case .issue(let key) = $0 { key } else { nil } },
                projects: deletions.compactMap { if case .project(let id) = $0 { id } else { nil } },
                at: now, source: sourceID, in: context)
            try Checkpoints.advance(Self.phase, to: String(next), at: now, source: sourceID, in: context)
            try AccessFactRecords.note(.auditLog, verified: now, source: sourceID, in: context)
        }
        return true
    }

    /// `nil` where the log is refused, which is noted.
    private func records(since moment: Timestamp) async throws -> [AuditRecord]? {
        let refusal: JiraError
        do throws(JiraError) {
            return try await client.auditRecords(since: moment)
        } catch {
            guard Self.refusals.contains(error.code) else { throw error }
            refusal = error
        }
        let (sourceID, now) = (source.id, time.now())
        let problem = "The audit log cannot be read, so deletions are found by webhooks and the census. \(refusal)"
        try await store.write {
            try AccessFactRecords.note(.auditLog, verified: now, problem: problem, source: sourceID, in: $0)
        }
        return nil
    }

    private static let refusals: Set<JiraError.Code> = [
        .permissionMissing, .scopeMissing, .notFound, .unsupported, .gone,
    ]
}
