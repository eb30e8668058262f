public import Database
public import IssueModel
public import Store

/// The history of synchronisations of a source.
public enum SyncRuns {
    public struct Run: Hashable, Sendable {
        public var id: Int64
        public var kind: String
        public var started: Timestamp
        /// `nil` while it runs, and for one that was killed.
        public var ended: Timestamp?
        public var outcome: Outcome
        /// The summary as JSON.
        public var summary: String
        /// A stable code of what stopped it.
        public var problem: String?
    }

    public enum Outcome: String, Hashable, Sendable {
        case running, done, partly, failed
        /// Found unfinished at a later start.
        case interrupted
    }

    /// Runs kept for each source.
    public static let keptRuns = 200

    /// Notes the start of a run. Runs that never ended are noted as interrupted.
    public static func begin(
        kind: String, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        let connection = context.connection
        try connection.execute(
            "UPDATE sync_run SET outcome = 'interrupted' WHERE source_id = ? AND outcome = 'running'", source)
        try connection.execute(
            "INSERT INTO sync_run (source_id, kind, started) VALUES (?, ?, ?)", source, kind, now.rawValue)
        let id = connection.lastInsertedID
        try connection.execute(
            """
            DELETE FROM sync_run WHERE source_id = ?1 AND id <= (
                SELECT id FROM sync_run WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, source, keptRuns)
        return id
    }

    /// Stores how far a run is, or how it ended.
    public static func update(
        _ id: Int64, outcome: Outcome, summary: String, problem: String? = nil, ended: Timestamp? = nil,
        in context: WriteContext
    ) throws {
        try context.connection.execute(
            "UPDATE sync_run SET outcome = ?, summary = ?, problem = ?, ended = ? WHERE id = ?", outcome.rawValue,
            summary,
            problem, ended?.rawValue, id)
    }

    /// Forgets runs for changes and waiting issues before `run` that ended well and stored nothing.
    public static func dropIdle(before run: Int64, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            """
            DELETE FROM sync_run WHERE source_id = ?1 AND id < ?2 AND kind IN ('changes', 'pending') AND outcome = 'done'
                AND kind = (SELECT kind FROM sync_run WHERE id = ?2)
                AND json_extract(summary, '$.issues.stored') = 0 AND json_extract(summary, '$.issues.deleted') = 0
            """, source, run)
    }

    /// The latest runs, newest first.
    public static func latest(source: Int64, limit: Int = 20, in connection: Connection) throws -> [Run] {
        try connection.rows(
            """
            SELECT id, kind, started, ended, outcome, summary, problem FROM sync_run WHERE source_id = ?
            ORDER BY id DESC LIMIT ?
            """, source, limit
        ) { row in
            Run(
                id: row.int64(0), kind: row.text(1), started: Timestamp(milliseconds: row.int64(2)),
                ended: row.optionalInt64(3).map { Timestamp(milliseconds: $0) },
                outcome: Outcome(rawValue: row.text(4)) ?? .interrupted, summary: row.text(5),
                problem: row.optionalText(6))
        }
    }
}
