public import Database
public import IssueModel

/// Stored issues by their time of change.
public enum ChangedIssues {
    public struct Entry: Hashable, Sendable {
        public var issue: IssueID
        public var updated: Timestamp
        /// Jira's identity of its project.
        public var project: EntityID
    }

    /// Issues that Jira shows and that changed at or after `since`, oldest change first.
    public static func list(
        since: Timestamp, source: Int64, limit: Int, in connection: Connection
    ) throws -> [Entry] {
        try connection.rows(
            """
            SELECT i.jira_id, i.updated, p.jira_id FROM issue i JOIN project p ON p.id = i.project_id
            WHERE i.updated >= ? AND i.source_id = ? AND i.state = 'live' ORDER BY i.updated, i.id LIMIT ?
            """, since.rawValue, source, limit
        ) { row in
            Entry(
                issue: IssueID(row.int64(0)), updated: Timestamp(milliseconds: row.int64(1)),
                project: EntityID(row.text(2)))
        }
    }
}
