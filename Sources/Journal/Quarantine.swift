public import Database
public import IssueModel
public import Store

/// Records that could not be decoded or stored: set aside, counted, shown and tried again.
public enum Quarantine {
    public struct Entry: Hashable, Sendable {
        public var id: Int64
        /// What it is: `issue`, `attachment`, ….
        public var kind: String
        /// Jira's identity of it, or where it stood.
        public var ref: String
        /// A stable code.
        public var reason: String
        public var message: String
        /// When it last failed.
        public var at: Timestamp
        public var attempts: Int
    }

    /// Bytes of a copy that are kept for finding out.
    public static let rawLimit = 1 << 20

    /// Sets a record aside, or counts a further attempt.
    public static func put(
        kind: String, ref: String, reason: String, message: String, raw: [UInt8]? = nil, at now: Timestamp,
        source: Int64, in context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            INSERT INTO quarantine (source_id, kind, ref, reason, message, at, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, kind, ref) DO UPDATE SET reason = excluded.reason, message = excluded.message,
                at = excluded.at, raw = excluded.raw, attempts = attempts + 1
            """, source, kind, ref, reason, message, now.rawValue, raw.map { Array($0.prefix(rawLimit)) })
    }

    /// Lets a record go that was read at last, or that is no more.
    public static func release(kind: String, ref: String, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "DELETE FROM quarantine WHERE source_id = ? AND kind = ? AND ref = ?", source, kind, ref)
    }

    /// What is set aside, oldest failure first.
    public static func entries(
        kind: String? = nil, source: Int64, limit: Int = 1_000, in connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            """
            SELECT id, kind, ref, reason, message, at, attempts FROM quarantine
            WHERE source_id = ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY at, id LIMIT ?3
            """, source, kind, limit
        ) { row in
            Entry(
                id: row.int64(0), kind: row.text(1), ref: row.text(2), reason: row.text(3), message: row.text(4),
                at: Timestamp(milliseconds: row.int64(5)), attempts: row.int(6))
        }
    }

    public static func count(source: Int64, in connection: Connection) throws -> Int {
        try connection.first("SELECT count(*) FROM quarantine WHERE source_id = ?", source) { $0.int(0) } ?? 0
    }

    /// What Jira returned for an entry, cut at `rawLimit`.
    public static func raw(of id: Int64, in connection: Connection) throws -> [UInt8]? {
        try connection.first("SELECT raw FROM quarantine WHERE id = ?", id) { $0.optionalBlob(0) } ?? nil
    }
}
