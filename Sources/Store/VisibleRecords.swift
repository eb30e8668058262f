public import AccessControl
public import Database
public import IssueModel

/// Everything of a source that lies inside an allowed set, by Jira's identities in ascending order. Issues that Jira no
/// longer shows are left out for everybody but the operator.
public struct VisibleRecords: Hashable, Sendable {
    public var issues: [IssueID]
    public var comments: [EntityID]
    public var worklogs: [EntityID]
    public var attachments: [EntityID]

    /// Goes through every row of the source: for audits and tests, not for reading paths.
    public init(source: Int64, allowed: AllowedSet, in connection: Connection) throws {
        let present = allowed.isEverything ? "" : "AND i.state <> 'unseen'"
        issues = try connection.rows(
            "SELECT i.jira_id, i.acl_id FROM issue i WHERE i.source_id = ? \(present) ORDER BY i.jira_id", source
        ) { allowed.contains($0.int64(1)) ? IssueID($0.int64(0)) : nil }.compactMap { $0 }
        func parts(_ table: String) throws -> [EntityID] {
            try connection.rows(
                """
                SELECT t.jira_id, t.acl_id, i.acl_id FROM \(table) t JOIN issue i ON i.id = t.issue_id
                WHERE i.source_id = ? \(present) ORDER BY CAST(t.jira_id AS INTEGER), t.jira_id
                """, source
            ) { row in
                allowed.contains(row.int64(1)) && allowed.contains(row.int64(2)) ? EntityID(row.text(0)) : nil
            }.compactMap { $0 }
        }
        comments = try parts("comment")
        worklogs = try parts("worklog")
        attachments = try parts("attachment")
    }
}
