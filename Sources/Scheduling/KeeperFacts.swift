import AccessEngine
import Database
import FastJSON
import IssueModel
import Journal
import Store
import Webhooks

/// What a keeper knows of a source at one moment.
struct KeeperFacts: Sendable {
    var source: Source
    var facts: SourceSchedule.Facts
    var requests: [Requests.Request]

    /// - Returns: `nil` where there is no such source any more.
    init?(_ id: Int64, in connection: Connection) throws {
        guard let source = try SourceRecords.source(id, in: connection) else { return nil }
        self.source = source
        facts = SourceSchedule.Facts()
        facts.source = id
        facts.state = source.state
        facts.schedule = try SyncSchedule.of(source: id, in: connection)
        facts.access = source.accessOptions
        facts.record = try ScheduleRecord.of(source: id, in: connection)
        facts.credential = try Self.credential(of: id, in: connection)
        facts.wasReadWholly = try Self.wasReadWholly(id, in: connection)
        facts.pendingDue = try PendingIssues.nextDue(source: id, in: connection)
        facts.accessRead = try Checkpoints.updated(AccessRefresh.checkpoint, source: id, in: connection)
        facts.webhooksDue = WebhookRegistration.due(try WebhookRecords.all(source: id, in: connection))
        facts.isCatalogueStale = try DueReadings.asked(.catalogue, source: id, in: connection) != nil
        facts.areChangesAsked = try DueReadings.asked(.changes, source: id, in: connection) != nil
        requests = try Requests.open(source: id, in: connection)
    }

    /// A digest of the credential as it is stored, sealed: another one whenever it is replaced, even by the same.
    static func credential(of source: Int64, in connection: Connection) throws -> String {
        try connection.first("SELECT credential_kind, credential FROM source WHERE id = ?", source) { row in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in Array(row.text(0).utf8) + (row.optionalBlob(1) ?? []) {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
            return String(hash, radix: 16)
        } ?? ""
    }

    /// Whether issues of some project were read completely, so that what changed since is enough.
    private static func wasReadWholly(_ source: Int64, in connection: Connection) throws -> Bool {
        guard let stored = try Checkpoints.data("issues", source: source, in: connection),
            let checkpoint = try? JSONValue(parsing: stored)
        else { return false }
        return checkpoint["covered"]?.array?.isEmpty == false
    }

    /// One line for each source that differs as soon as there is something for its keeper to look at.
    static func digests(in connection: Connection) throws -> [(id: Int64, name: String, digest: String)] {
        try connection.rows(
            """
            SELECT s.id, s.name, s.state || s.schedule || s.access_options || coalesce(hex(substr(s.credential, 1, 24)), '')
                || '|' || coalesce((SELECT max(r.id) FROM request r WHERE r.source_id = s.id AND r.ended IS NULL), 0)
                || '|' || coalesce((SELECT min(p.due) FROM pending_issue p WHERE p.source_id = s.id), 0)
                || '|' || coalesce((SELECT max(c.updated) FROM checkpoint c
                    WHERE c.source_id = s.id AND c.phase LIKE 'due %'), 0)
            FROM source s WHERE s.state <> 'removed' ORDER BY s.id
            """
        ) { ($0.int64(0), $0.text(1), $0.text(2)) }
    }
}
