public import Database
public import IssueModel
public import Store

/// Issues that wait to be read by id, one row each: whoever learns that an issue may have changed puts it here, so that
/// many hints are one reading.
public enum PendingIssues {
    /// Why an issue is to be read; a row holds a set of them. The order is that of the stored bits: append only.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// A webhook named it.
        case webhook
        /// A webhook said that it was deleted.
        case webhookDeleted = "webhook_deleted"
        /// A feed of changed or deleted worklogs named it or one of its worklogs.
        case worklog
        /// A complete listing named it and it is not stored, or did not name it and it is.
        case census
        /// A row of the site's audit log is about it.
        case audit
        /// It could not be stored before.
        case quarantine
        /// Somebody asked for it.
        case manual
        /// It went to another project, or its project has another key or is no longer archived.
        case moved
        /// Another issue's copy names it as linked, and its own does not name that one.
        case link
        /// A part of it is confined to a role by a name that no role of its project has.
        case role

        /// Its bit in the stored set.
        fileprivate var bit: Int { 1 << (Self.allCases.firstIndex(of: self) ?? 0) }
    }

    public struct Entry: Hashable, Sendable {
        public var issue: IssueID
        public var causes: Set<Cause>
        /// When the latest hint came, by our clock.
        public var since: Timestamp
        /// Not to be read before.
        public var due: Timestamp
        /// Readings that came to nothing.
        public var attempts: Int
    }

    /// Notes that issues may have changed. Of an issue that waits already the causes are joined, ``Entry/since`` becomes
    /// the latest hint's moment, and it is due at the earlier of both times.
    public static func add(
        _ ids: [IssueID], cause: Cause, at now: Timestamp, notBefore: Timestamp? = nil, source: Int64,
        in context: WriteContext
    ) throws {
        for id in ids {
            try context.connection.execute(
                """
                INSERT INTO pending_issue (source_id, jira_id, causes, since, due) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (source_id, jira_id) DO UPDATE SET causes = causes | excluded.causes,
                    since = max(since, excluded.since), due = min(due, excluded.due)
                """, source, id.rawValue, cause.bit, now.rawValue, (notBefore ?? now).rawValue)
        }
    }

    /// Issues that may be read now, the one that waits longest first.
    public static func due(
        at now: Timestamp, source: Int64, limit: Int, in connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            """
            SELECT jira_id, causes, since, due, attempts FROM pending_issue
            WHERE source_id = ? AND due <= ? ORDER BY due, jira_id LIMIT ?
            """, source, now.rawValue, limit
        ) { entry($0) }
    }

    /// What waits of these issues, due or not.
    public static func entries(
        of ids: [IssueID], source: Int64, in connection: Connection
    ) throws -> [IssueID: Entry] {
        var entries: [IssueID: Entry] = [:]
        for id in ids {
            entries[id] = try connection.first(
                """
                SELECT jira_id, causes, since, due, attempts FROM pending_issue WHERE source_id = ? AND jira_id = ?
                """, source, id.rawValue
            ) { entry($0) }
        }
        return entries
    }

    /// Lets issues go that were read by a request that began at `readAt`. A hint that came later stays.
    public static func settle(
        _ ids: [IssueID], readAt: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        for id in ids {
            try context.connection.execute(
                "DELETE FROM pending_issue WHERE source_id = ? AND jira_id = ? AND since <= ?", source, id.rawValue,
                readAt.rawValue)
        }
    }

    /// Counts a reading that came to nothing, and makes the issues wait until `until`. One with a hint later than
    /// `readAt` goes on being due when it was.
    public static func postpone(
        _ ids: [IssueID], until: Timestamp, readAt: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        for id in ids {
            try context.connection.execute(
                """
                UPDATE pending_issue SET attempts = attempts + 1, due = CASE WHEN since <= ?3 THEN ?4 ELSE due END
                WHERE source_id = ?1 AND jira_id = ?2
                """, source, id.rawValue, readAt.rawValue, until.rawValue)
        }
    }

    /// Lets everything go, as after a purge.
    public static func forgetAll(source: Int64, in context: WriteContext) throws {
        try context.connection.execute("DELETE FROM pending_issue WHERE source_id = ?", source)
    }

    /// How many issues wait, and since when the one that waits longest was due.
    public static func count(
        source: Int64, in connection: Connection
    ) throws -> (all: Int, oldest: Timestamp?) {
        try connection.first("SELECT count(*), min(due) FROM pending_issue WHERE source_id = ?", source) { row in
            (row.int(0), row.optionalInt64(1).map { Timestamp(milliseconds: $0) })
        } ?? (0, nil)
    }

    /// When the next issue may be read; `nil` where none waits.
    public static func nextDue(source: Int64, in connection: Connection) throws -> Timestamp? {
        try connection.first("SELECT min(due) FROM pending_issue WHERE source_id = ?", source) {
            $0.optionalInt64(0).map { Timestamp(milliseconds: $0) }
        } ?? nil
    }

    /// The stored issues that worklogs are on.
    public static func owners(
        ofWorklogs worklogs: [EntityID], source: Int64, in connection: Connection
    ) throws -> [IssueID] {
        if worklogs.isEmpty { return [] }
        let list = "[" + worklogs.compactMap { Int64($0.rawValue) }.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        return try connection.rows(
            """
            SELECT DISTINCT i.jira_id FROM worklog w JOIN issue i ON i.id = w.issue_id
            WHERE w.jira_id IN (SELECT value FROM json_each(?)) AND i.source_id = ? ORDER BY i.jira_id
            """, list, source
        ) { IssueID($0.int64(0)) }
    }

    /// Whether any issue waits.
    public static func areThere(source: Int64, in connection: Connection) throws -> Bool {
        try connection.first("SELECT 1 FROM pending_issue WHERE source_id = ? LIMIT 1", source) { _ in true } ?? false
    }

    private static func entry(_ row: Row) -> Entry {
        let bits = row.int(1)
        return Entry(
            issue: IssueID(row.int64(0)), causes: Set(Cause.allCases.filter { bits & $0.bit != 0 }),
            since: Timestamp(milliseconds: row.int64(2)), due: Timestamp(milliseconds: row.int64(3)),
            attempts: row.int(4))
    }
}
