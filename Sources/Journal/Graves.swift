public import Database
public import IssueModel
public import Store

/// Copies of removed issues, kept out of every reader's sight until they are destroyed.
///
/// An issue that was removed by mistake – Jira's or ours – comes back from its copy without a request.
public enum Graves {
    public struct Entry: Hashable, Sendable {
        public var issue: IssueID
        public var key: String
        /// `project.id`.
        public var project: Int64
        public var reason: IssueRecords.Removal
        public var at: Timestamp
        /// When the copy is destroyed.
        public var purge: Timestamp
    }

    /// Removes an issue with everything on it and keeps what Jira returned of it until `purge`.
    ///
    /// - Parameter purge: `nil` keeps nothing.
    /// - Returns: Our id it had, so that the search index can forget it in the same transaction; `nil` where it is not
    ///   stored.
    @discardableResult
    public static func bury(
        _ issue: IssueID, because reason: IssueRecords.Removal, at now: Timestamp, purge: Timestamp?, source: Int64,
        in context: WriteContext
    ) throws -> Int64? {
        if let purge {
            try context.connection.execute(
                """
                INSERT OR REPLACE INTO grave
                    (source_id, jira_id, key, project_id, reason, at, purge, dictionary_id, body)
                SELECT i.source_id, i.jira_id, i.key, i.project_id, ?3, ?4, ?5, r.dictionary_id, r.body
                FROM issue i LEFT JOIN issue_raw r ON r.issue_id = i.id WHERE i.source_id = ?1 AND i.jira_id = ?2
                """, source, issue.rawValue, reason.rawValue, now.rawValue, purge.rawValue)
        }
        return try IssueRecords.remove(issue, because: reason, at: now, source: source, in: context)
    }

    public static func entry(of issue: IssueID, source: Int64, in connection: Connection) throws -> Entry? {
        try connection.first(
            "SELECT \(columns) FROM grave WHERE source_id = ? AND jira_id = ?", source, issue.rawValue, as: entry)
    }

    /// The copy kept of the issue that had this key last.
    public static func entry(key: IssueKey, source: Int64, in connection: Connection) throws -> Entry? {
        try connection.first(
            "SELECT \(columns) FROM grave WHERE source_id = ? AND key = ? ORDER BY at DESC LIMIT 1", source,
            key.description, as: entry)
    }

    /// What is buried, latest first.
    public static func entries(source: Int64, limit: Int = 1_000, in connection: Connection) throws -> [Entry] {
        try connection.rows(
            "SELECT \(columns) FROM grave WHERE source_id = ? ORDER BY at DESC, jira_id LIMIT ?", source, limit,
            as: entry)
    }

    /// How many copies are kept, and when the next one is destroyed.
    public static func count(source: Int64, in connection: Connection) throws -> (all: Int, nextPurge: Timestamp?) {
        try connection.first("SELECT count(*), min(purge) FROM grave WHERE source_id = ?", source) { row in
            (row.int(0), row.optionalInt64(1).map { Timestamp(milliseconds: $0) })
        } ?? (0, nil)
    }

    /// How many issues were buried since `moment`.
    public static func buried(since moment: Timestamp, source: Int64, in connection: Connection) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM tombstone WHERE source_id = ? AND at >= ? AND reason <> ?", source,
            moment.rawValue, IssueRecords.Removal.outOfScope.rawValue
        ) { $0.int(0) } ?? 0
    }

    /// What Jira returned of a buried issue last; `nil` where no copy is kept.
    public static func parts(
        of issue: IssueID, source: Int64, with raw: RawRecords, in connection: Connection
    ) throws -> RawParts? {
        try connection.first(
            "SELECT dictionary_id, body FROM grave WHERE source_id = ? AND jira_id = ? AND body IS NOT NULL", source,
            issue.rawValue
        ) { row in try raw.parts(dictionary: row.optionalInt64(0), body: row.blob(1), in: connection) }
    }

    /// Forgets copies of issues that are stored again.
    public static func forget(_ issues: some Sequence<IssueID>, source: Int64, in context: WriteContext) throws {
        let areThere = try context.connection.first("SELECT 1 FROM grave WHERE source_id = ? LIMIT 1", source) { _ in
            true
        }
        guard areThere == true else { return }
        for issue in issues {
            try context.connection.execute(
                "DELETE FROM grave WHERE source_id = ? AND jira_id = ?", source, issue.rawValue)
        }
    }

    /// Deletes copies whose time has come; they can still be read from the file until it is compacted.
    ///
    /// - Parameter source: Of this source alone.
    /// - Returns: How many.
    @discardableResult
    public static func purge(
        before now: Timestamp, source: Int64? = nil, in context: WriteContext
    ) throws -> Int {
        try context.connection.execute(
            "DELETE FROM grave WHERE purge <= ?1 AND (?2 IS NULL OR source_id = ?2)", now.rawValue, source)
        return context.connection.changedRows
    }

    /// Why an issue was removed, where that is known; only its number is.
    public static func removal(
        of issue: IssueID, source: Int64, in connection: Connection
    ) throws -> (reason: IssueRecords.Removal, at: Timestamp)? {
        try connection.first(
            "SELECT reason, at FROM tombstone WHERE source_id = ? AND jira_id = ?", source, issue.rawValue
        ) { row in
            IssueRecords.Removal(rawValue: row.text(0)).map { ($0, Timestamp(milliseconds: row.int64(1))) }
        } ?? nil
    }

    private static let columns = "jira_id, key, project_id, reason, at, purge"

    private static func entry(_ row: Row) -> Entry {
        Entry(
            issue: IssueID(row.int64(0)), key: row.text(1), project: row.int64(2),
            reason: IssueRecords.Removal(rawValue: row.text(3)) ?? .deleted, at: Timestamp(milliseconds: row.int64(4)),
            purge: Timestamp(milliseconds: row.int64(5)))
    }
}
