public import Database
public import IssueModel
public import Store

/// Stored issues that Jira did not return when it was asked for them, with everything that speaks for what became of them.
///
/// A row is evidence, never a judgement; it goes once the issue is seen again or removed.
public enum Absences {
    /// What speaks for an issue being gone, as a set. Stored as bits: append only.
    public struct Signs: OptionSet, Hashable, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Asked for by its id, Jira did not return it.
        public static let byID = Signs(rawValue: 1)
        /// A webhook said that it was deleted.
        public static let webhook = Signs(rawValue: 2)
        /// The site's audit log says that it was deleted.
        public static let audit = Signs(rawValue: 4)
        /// A complete listing left it out …
        public static let unlisted = Signs(rawValue: 8)
        /// … and a later one did so again.
        public static let unlistedAgain = Signs(rawValue: 16)
        /// It is on its way to be removed: counted by the circuit breaker.
        public static let condemned = Signs(rawValue: 32)
        /// Too many were to be removed at once: it waits for an administrator.
        public static let held = Signs(rawValue: 64)
        /// An administrator said that it is not deleted: it stays, hidden, until it is seen again.
        public static let rejected = Signs(rawValue: 128)
    }

    public struct Entry: Hashable, Sendable {
        public var issue: IssueID
        public var signs: Signs
        /// When it was first missed.
        public var first: Timestamp
        /// When it was last missed.
        public var last: Timestamp
        /// How often Jira did not return it by its id, counting only questions some time apart.
        public var times: Int

        public init(issue: IssueID, signs: Signs = [], first: Timestamp, last: Timestamp, times: Int = 0) {
            self.issue = issue
            self.signs = signs
            self.first = first
            self.last = last
            self.times = times
        }
    }

    /// Stores what is known, in the place of what was.
    public static func put(_ entry: Entry, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            """
            INSERT INTO absence (source_id, jira_id, evidence, first, last, times) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, jira_id) DO UPDATE SET evidence = excluded.evidence, first = excluded.first,
                last = excluded.last, times = excluded.times
            """, source, entry.issue.rawValue, entry.signs.rawValue, entry.first.rawValue, entry.last.rawValue,
            entry.times)
    }

    public static func entry(of issue: IssueID, source: Int64, in connection: Connection) throws -> Entry? {
        try connection.first(
            "SELECT \(columns) FROM absence WHERE source_id = ? AND jira_id = ?", source, issue.rawValue, as: entry)
    }

    /// Whether anything of the source is missed: spares looking for each issue where nothing is.
    public static func areThere(source: Int64, in connection: Connection) throws -> Bool {
        try connection.first("SELECT 1 FROM absence WHERE source_id = ? LIMIT 1", source) { _ in true } ?? false
    }

    /// What is missed, by id.
    ///
    /// - Parameters:
    ///   - signs: Only those that have all of these.
    ///   - firstBefore: Only those that were first missed before.
    public static func entries(
        having signs: Signs = [], firstBefore: Timestamp? = nil, source: Int64, limit: Int = 1_000_000,
        in connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            """
            SELECT \(columns) FROM absence WHERE source_id = ?1 AND evidence & ?2 = ?2 AND (?3 IS NULL OR first < ?3)
            ORDER BY jira_id LIMIT ?4
            """, source, signs.rawValue, firstBefore?.rawValue, limit, as: entry)
    }

    /// How many are missed and have all of these signs.
    public static func count(having signs: Signs = [], source: Int64, in connection: Connection) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM absence WHERE source_id = ?1 AND evidence & ?2 = ?2", source, signs.rawValue
        ) { $0.int(0) } ?? 0
    }

    /// Forgets that issues were missed.
    public static func forget(_ issues: some Sequence<IssueID>, source: Int64, in context: WriteContext) throws {
        for issue in issues {
            try context.connection.execute(
                "DELETE FROM absence WHERE source_id = ? AND jira_id = ?", source, issue.rawValue)
        }
    }

    private static let columns = "jira_id, evidence, first, last, times"

    private static func entry(_ row: Row) -> Entry {
        Entry(
            issue: IssueID(row.int64(0)), signs: Signs(rawValue: row.int(1)),
            first: Timestamp(milliseconds: row.int64(2)), last: Timestamp(milliseconds: row.int64(3)),
            times: row.int(4))
    }
}
