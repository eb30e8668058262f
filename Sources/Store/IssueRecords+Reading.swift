public import AccessControl
public import Database
public import IssueModel

/// An issue's own row, without the names behind its ids.
public struct IssueRow: Hashable, Sendable {
    /// `issue.id`.
    public var id: Int64
    public var source: Int64
    public var jiraID: IssueID
    public var key: String
    /// `project.id`.
    public var project: Int64
    /// `catalogue.id` of type, status, priority and resolution.
    public var type: Int64
    public var status: Int64
    public var priority: Int64?
    public var resolution: Int64?
    /// `account.id`.
    public var assignee: Int64?
    public var reporter: Int64?
    public var creator: Int64?
    /// `security_level.id`.
    public var level: Int64?
    public var parent: IssueID?
    public var created: Timestamp
    public var updated: Timestamp
    public var resolved: Timestamp?
    public var due: CalendarDate?
    public var acl: Int64
    public var state: IssueRecords.State
    public var summary: String
    public var rank: String?
    public var fetched: Timestamp
}

extension IssueRecords {
    /// The issue with our id.
    public static func row(_ id: Int64, in connection: Connection) throws -> IssueRow? {
        try connection.first("SELECT \(columns) FROM issue i WHERE i.id = ?", id, as: row)
    }

    /// The issue with Jira's number.
    public static func row(_ issue: IssueID, source: Int64, in connection: Connection) throws -> IssueRow? {
        try connection.first(
            "SELECT \(columns) FROM issue i WHERE i.source_id = ? AND i.jira_id = ?", source, issue.rawValue, as: row)
    }

    /// The issues that have or had this key, at most one in each source. A key of a renamed project is found by the
    /// project's former keys.
    public static func rows(
        key: IssueKey, source: Int64? = nil, in connection: Connection
    ) throws -> [IssueRow] {
        let text = key.description
        var found = try connection.rows(
            """
            SELECT \(columns) FROM source s JOIN issue_key k ON k.source_id = s.id AND k.key = ?1
            JOIN issue i ON i.id = k.issue_id WHERE ?2 IS NULL OR s.id = ?2 ORDER BY s.id
            """, text, source, as: row)
        let sources = Set(found.map(\.source))
        let renamed = try connection.rows(
            """
            SELECT p.source_id, p.key FROM project_key k JOIN project p ON p.id = k.project_id
            WHERE k.key = ?1 AND p.key <> ?1 AND (?2 IS NULL OR k.source_id = ?2)
            """, key.project, source
        ) { ($0.int64(0), $0.text(1)) }
        for (source, project) in renamed where !sources.contains(source) {
            let row = try connection.first(
                """
                SELECT \(columns) FROM issue_key k JOIN issue i ON i.id = k.issue_id
                WHERE k.source_id = ? AND k.key = ?
                """, source, "\(project.uppercased())-\(key.number)", as: row)
            if let row { found.append(row) }
        }
        return found
    }

    /// Issues by ascending id after `id`, for going through all of them page by page.
    public static func page(
        after id: Int64, source: Int64? = nil, limit: Int, allowed: AllowedSet, in connection: Connection
    ) throws -> [IssueRow] {
        var result: [IssueRow] = []
        var last = id
        while result.count < limit {
            let rows = try connection.rows(
                """
                SELECT \(columns) FROM issue i WHERE i.id > ?1 AND (?2 IS NULL OR i.source_id = ?2)
                ORDER BY i.id LIMIT ?3
                """, last, source, limit, as: row)
            result += rows.filter { allowed.contains($0.acl) }.prefix(limit - result.count)
            guard rows.count == limit, let end = rows.last else { break }
            last = end.id
        }
        return result
    }

    /// Keys the issue had before, in alphabetical order.
    public static func formerKeys(of id: Int64, in connection: Connection) throws -> [String] {
        try connection.rows("SELECT key FROM issue_key WHERE issue_id = ? AND former = 1 ORDER BY key", id) {
            $0.text(0)
        }
    }

    /// Acls of what hangs on an issue, by Jira's identity: what a reader may see of it.
    public struct PartAcls: Hashable, Sendable {
        public var comments: [EntityID: Int64] = [:]
        public var worklogs: [EntityID: Int64] = [:]
        public var attachments: [EntityID: Int64] = [:]
    }

    public static func partAcls(of id: Int64, in connection: Connection) throws -> PartAcls {
        func acls(_ table: String) throws -> [EntityID: Int64] {
            var result: [EntityID: Int64] = [:]
            try connection.forEach("SELECT jira_id, acl_id FROM \(table) WHERE issue_id = ?", id) {
                result[EntityID($0.text(0))] = $0.int64(1)
            }
            return result
        }
        return PartAcls(
            comments: try acls("comment"), worklogs: try acls("worklog"), attachments: try acls("attachment"))
    }

    /// How many rows a source has, whoever may see them.
    public struct Counts: Hashable, Sendable {
        public var issues = 0
        public var comments = 0
        public var worklogs = 0
        public var attachments = 0
    }

    public static func counts(source: Int64, in connection: Connection) throws -> Counts {
        func count(_ table: String) throws -> Int {
            try connection.first(
                "SELECT count(*) FROM \(table) t JOIN issue i ON i.id = t.issue_id WHERE i.source_id = ?", source
            ) { $0.int(0) } ?? 0
        }
        return Counts(
            issues: try connection.first("SELECT count(*) FROM issue WHERE source_id = ?", source) { $0.int(0) } ?? 0,
            comments: try count("comment"), worklogs: try count("worklog"), attachments: try count("attachment"))
    }

    /// Jira's numbers of all stored issues of a source, ascending: one side of a census.
    public static func identities(source: Int64, in connection: Connection) throws -> [IssueID] {
        try connection.rows("SELECT jira_id FROM issue WHERE source_id = ? ORDER BY jira_id", source) {
            IssueID($0.int64(0))
        }
    }

    /// Issues where the issue itself or something on it has one of these acls: those to write again when a rule
    /// changed.
    public static func identities(
        withAcls acls: Set<Int64>, source: Int64, in connection: Connection
    ) throws -> [IssueID] {
        if acls.isEmpty { return [] }
        var found: Set<IssueID> = []
        for (table, column) in [
            ("issue", "id"), ("comment", "issue_id"), ("worklog", "issue_id"), ("attachment", "issue_id"),
        ] {
            try connection.forEach(
                "SELECT t.acl_id, i.jira_id FROM \(table) t JOIN issue i ON i.id = t.\(column) WHERE i.source_id = ?",
                source
            ) { row in
                if acls.contains(row.int64(0)) { found.insert(IssueID(row.int64(1))) }
            }
        }
        return found.sorted()
    }

    private static let columns = """
        i.id, i.source_id, i.jira_id, i.key, i.project_id, i.type_id, i.status_id, i.priority_id, i.resolution_id,
        i.assignee_id, i.reporter_id, i.creator_id, i.level_id, i.parent_jira_id, i.created, i.updated, i.resolved,
        i.due, i.acl_id, i.state, i.summary, i.rank, i.fetched
        """

    private static func row(_ row: Row) -> IssueRow {
        IssueRow(
            id: row.int64(0), source: row.int64(1), jiraID: IssueID(row.int64(2)), key: row.text(3),
            project: row.int64(4), type: row.int64(5), status: row.int64(6), priority: row.optionalInt64(7),
            resolution: row.optionalInt64(8), assignee: row.optionalInt64(9), reporter: row.optionalInt64(10),
            creator: row.optionalInt64(11), level: row.optionalInt64(12),
            parent: row.optionalInt64(13).map { IssueID($0) }, created: Timestamp(milliseconds: row.int64(14)),
            updated: Timestamp(milliseconds: row.int64(15)),
            resolved: row.optionalInt64(16).map { Timestamp(milliseconds: $0) },
            due: row.optionalInt(17).map { CalendarDate(daysSinceEpoch: $0) }, acl: row.int64(18),
            state: State(rawValue: row.text(19)) ?? .unseen, summary: row.text(20), rank: row.optionalText(21),
            fetched: Timestamp(milliseconds: row.int64(22)))
    }
}
