internal import Database

/// Whether what the store keeps fits together; the database's own soundness is `Database.integrityProblems()`.
public struct StoreVerification: Hashable, Sendable {
    /// Stored issues that were looked at.
    public var issues = 0
    /// What does not fit, in words with counts; empty when all is well.
    public var problems: [String] = []

    private static let rules: [(words: String, sql: String)] = [
        (
            "issues whose audience is missing",
            "SELECT count(*) FROM issue LEFT JOIN acl ON acl.id = issue.acl_id WHERE acl.id IS NULL"
        ),
        (
            "comments whose audience is missing",
            "SELECT count(*) FROM comment LEFT JOIN acl ON acl.id = comment.acl_id WHERE acl.id IS NULL"
        ),
        (
            "worklogs whose audience is missing",
            "SELECT count(*) FROM worklog LEFT JOIN acl ON acl.id = worklog.acl_id WHERE acl.id IS NULL"
        ),
        (
            "attachments whose audience is missing",
            "SELECT count(*) FROM attachment LEFT JOIN acl ON acl.id = attachment.acl_id WHERE acl.id IS NULL"
        ),
        (
            "issues without Jira's answer",
            "SELECT count(*) FROM issue LEFT JOIN issue_raw ON issue_raw.issue_id = issue.id WHERE issue_raw.issue_id IS NULL"
        ),
        (
            "kept answers without an issue",
            "SELECT count(*) FROM issue_raw LEFT JOIN issue ON issue.id = issue_raw.issue_id WHERE issue.id IS NULL"
        ),
        (
            "issues that their key does not find",
            """
            SELECT count(*) FROM issue LEFT JOIN issue_key k ON k.source_id = issue.source_id AND k.key = issue.key
            WHERE k.issue_id IS NULL
            """
        ),
        (
            "issues of a project that is missing",
            "SELECT count(*) FROM issue LEFT JOIN project ON project.id = issue.project_id WHERE project.id IS NULL"
        ),
    ]

    /// Checks the rules between tables, and that every kept answer can be read back.
    public init(of store: Store) async throws {
        var result = try await store.read { connection in
            var result = StoreVerification()
            result.issues = try connection.first("SELECT count(*) FROM issue") { $0.int(0) } ?? 0
            for rule in Self.rules {
                let count = try connection.first(rule.sql) { $0.int(0) } ?? 0
                if count > 0 { result.problems.append("\(count) \(rule.words)") }
            }
            return result
        }
        let unreadable = try await store.read { connection in
            var unreadable = 0
            try connection.forEach("SELECT issue_id FROM issue_raw") { row in
                do { _ = try store.raw.parts(ofIssue: row.int64(0), in: connection) } catch { unreadable += 1 }
            }
            return unreadable
        }
        if unreadable > 0 { result.problems.append("\(unreadable) kept answers that cannot be read back") }
        self = result
    }

    private init() {}
}
