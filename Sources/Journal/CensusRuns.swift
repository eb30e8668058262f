public import Database
public import IssueModel
public import Store

/// The history of complete listings of a source's issues.
public enum CensusRuns {
    public struct Run: Hashable, Sendable {
        public var id: Int64
        public var started: Timestamp
        /// `nil` while it goes on.
        public var ended: Timestamp?
        public var outcome: Outcome
        /// What it found, as JSON.
        public var summary: String
    }

    public enum Outcome: String, Hashable, Sendable {
        case running, done
        /// Some listings did not end cleanly, so that nothing was concluded from them.
        case partly
        /// Another one began before it ended.
        case interrupted
    }

    /// Runs kept for each source.
    public static let keptRuns = 100

    /// Notes the beginning of a census.
    public static func begin(at now: Timestamp, source: Int64, in context: WriteContext) throws -> Int64 {
        let connection = context.connection
        try connection.execute(
            "UPDATE census_run SET outcome = 'interrupted' WHERE source_id = ? AND outcome = 'running'", source)
        try connection.execute(
            "INSERT INTO census_run (source_id, started) VALUES (?, ?)", source, now.rawValue)
        let id = connection.lastInsertedID
        try connection.execute(
            """
            DELETE FROM census_run WHERE source_id = ?1 AND id <= (
                SELECT id FROM census_run WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, source, keptRuns)
        return id
    }

    /// Stores how far a census is, or how it ended.
    public static func update(
        _ id: Int64, outcome: Outcome, summary: String, ended: Timestamp? = nil, in context: WriteContext
    ) throws {
        try context.connection.execute(
            "UPDATE census_run SET outcome = ?, summary = ?, ended = ? WHERE id = ?", outcome.rawValue, summary,
            ended?.rawValue, id)
    }

    /// The latest runs, newest first.
    public static func latest(source: Int64, limit: Int = 20, in connection: Connection) throws -> [Run] {
        try connection.rows(
            """
            SELECT id, started, ended, outcome, summary FROM census_run WHERE source_id = ? ORDER BY id DESC LIMIT ?
            """, source, limit, as: run)
    }

    /// The latest that compared every project.
    public static func latestEnded(source: Int64, in connection: Connection) throws -> Run? {
        try connection.first(
            """
            SELECT id, started, ended, outcome, summary FROM census_run WHERE source_id = ? AND ended IS NOT NULL
            ORDER BY id DESC LIMIT 1
            """, source, as: run)
    }

    private static func run(_ row: Row) -> Run {
        Run(
            id: row.int64(0), started: Timestamp(milliseconds: row.int64(1)),
            ended: row.optionalInt64(2).map { Timestamp(milliseconds: $0) },
            outcome: Outcome(rawValue: row.text(3)) ?? .interrupted, summary: row.text(4))
    }
}
