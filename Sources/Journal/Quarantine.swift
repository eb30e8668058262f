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
        /// Not tried again before.
        public var retryAt: Timestamp
    }

    /// How long a record waits after so many failures: a minute, doubling up to six hours. In milliseconds.
    public static func wait(after attempts: Int) -> Int64 {
        min(60_000 << Int64(min(max(attempts - 1, 0), 12)), 21_600_000)
    }

    /// Bytes of a copy that are kept for finding out.
    public static let rawLimit = 1 << 20

    /// Sets a record aside, or counts a further attempt; it is due again after ``wait(after:)``.
    public static func put(
        kind: String, ref: String, reason: String, message: String, raw: [UInt8]? = nil, at now: Timestamp,
        source: Int64, in context: WriteContext
    ) throws {
        let attempts = try context.connection.first(
            "SELECT attempts FROM quarantine WHERE source_id = ? AND kind = ? AND ref = ?", source, kind, ref
        ) { $0.int(0) }
        try context.connection.execute(
            """
            INSERT INTO quarantine (source_id, kind, ref, reason, message, at, raw, retry_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, kind, ref) DO UPDATE SET reason = excluded.reason, message = excluded.message,
                at = excluded.at, raw = excluded.raw, attempts = attempts + 1, retry_at = excluded.retry_at
            """, source, kind, ref, reason, message, now.rawValue, raw.map { Array($0.prefix(rawLimit)) },
            now.rawValue + wait(after: (attempts ?? 0) + 1))
    }

    /// Lets a record go that was read at last, or that is no more.
    public static func release(kind: String, ref: String, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "DELETE FROM quarantine WHERE source_id = ? AND kind = ? AND ref = ?", source, kind, ref)
    }

    /// What is set aside, oldest failure first.
    ///
    /// - Parameter due: Only what may be tried again at this moment.
    public static func entries(
        kind: String? = nil, due: Timestamp? = nil, source: Int64, limit: Int = 1_000, in connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            """
            SELECT id, kind, ref, reason, message, at, attempts, retry_at FROM quarantine
            WHERE source_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?4 IS NULL OR retry_at <= ?4)
            ORDER BY at, id LIMIT ?3
            """, source, kind, limit, due?.rawValue
        ) { row in
            Entry(
                id: row.int64(0), kind: row.text(1), ref: row.text(2), reason: row.text(3), message: row.text(4),
                at: Timestamp(milliseconds: row.int64(5)), attempts: row.int(6),
                retryAt: Timestamp(milliseconds: row.int64(7)))
        }
    }

    /// When the next record may be tried again; `nil` where nothing is set aside.
    public static func nextDue(source: Int64, in connection: Connection) throws -> Timestamp? {
        try connection.first("SELECT min(retry_at) FROM quarantine WHERE source_id = ?", source) {
            $0.optionalInt64(0).map { Timestamp(milliseconds: $0) }
        } ?? nil
    }

    /// The issues that records which are set aside belong to: the first part of what they are called.
    public static func issues(due: Timestamp?, source: Int64, in connection: Connection) throws -> Set<IssueID> {
        Set(
            try entries(due: due, source: source, limit: 10_000, in: connection)
                .compactMap { Int64($0.ref.prefix { $0 != "/" }).map { IssueID($0) } })
    }

    /// Lets go what was set aside of an issue, itself and its parts.
    ///
    /// - Parameter refs: What still cannot be read, by what it is called.
    public static func releaseAll(
        of issue: IssueID, but refs: Set<String> = [], source: Int64, in context: WriteContext
    ) throws {
        let id = issue.description
        let known = try context.connection.rows(
            """
            SELECT id, ref FROM quarantine
            WHERE source_id = ?1 AND (ref = ?2 OR substr(ref, 1, length(?2) + 1) = ?2 || '/')
            """, source, id
        ) { ($0.int64(0), $0.text(1)) }
        for (row, ref) in known where !refs.contains(ref) {
            try context.connection.execute("DELETE FROM quarantine WHERE id = ?", row)
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
