internal import AccessControl
internal import Database
public import Store

/// Whether what the store keeps fits together; the database's own soundness is `Database.integrityProblems()`.
public struct StoreVerification: Hashable, Sendable {
    /// Stored issues that were looked at.
    public var issues = 0
    /// What does not fit, in words with counts; empty when all is well.
    public var problems: [String] = []

    /// Tables of an issue and what hangs on it, with the column that names the issue.
    private static let shown = [
        ("issue", "issues", "id"), ("comment", "comments", "issue_id"), ("worklog", "worklogs", "issue_id"),
        ("attachment", "attachments", "issue_id"),
    ]

    private struct Rule {
        var words: String
        /// Counts what breaks it.
        var sql: String
        /// Whether `sql` takes the key of the acl that admits nobody.
        var takesWithheldKey = false
    }

    private static let audiences: [Rule] = shown.flatMap { table, words, issue in
        [
            Rule(
                words: "\(words) whose audience is missing, or another source's",
                sql: """
                    SELECT count(*) FROM \(table) t LEFT JOIN issue i ON i.id = t.\(issue)
                    LEFT JOIN acl a ON a.id = t.acl_id AND a.source_id = i.source_id WHERE a.id IS NULL
                    """),
            Rule(
                words: "\(words) that are withheld or unseen, yet not closed",
                sql: """
                    SELECT count(*) FROM \(table) t JOIN issue i ON i.id = t.\(issue) JOIN acl a ON a.id = t.acl_id
                    LEFT JOIN withheld w ON w.source_id = i.source_id AND w.jira_id = i.jira_id
                    WHERE (i.state = 'unseen' OR w.jira_id IS NOT NULL) AND a.key <> ?
                    """, takesWithheldKey: true),
        ]
    }

    private static let others: [Rule] = [
        Rule(
            words: "issues without Jira's answer",
            sql: """
                SELECT count(*) FROM issue LEFT JOIN issue_raw ON issue_raw.issue_id = issue.id
                WHERE issue_raw.issue_id IS NULL
                """),
        Rule(
            words: "kept answers without an issue",
            sql: """
                SELECT count(*) FROM issue_raw LEFT JOIN issue ON issue.id = issue_raw.issue_id WHERE issue.id IS NULL
                """),
        Rule(
            words: "issues that their key does not find",
            sql: """
                SELECT count(*) FROM issue LEFT JOIN issue_key k ON k.source_id = issue.source_id AND k.key = issue.key
                WHERE k.issue_id IS NULL
                """),
        Rule(
            words: "issues of a project that is missing",
            sql: """
                SELECT count(*) FROM issue LEFT JOIN project ON project.id = issue.project_id WHERE project.id IS NULL
                """),
        Rule(
            words: "principals that name an issue and are not found by it",
            sql: """
                SELECT count(*) FROM principal
                WHERE (kind = 'listed') <> (issue IS NOT NULL) OR kind = 'listed' AND value <> CAST(issue AS TEXT)
                """),
    ]

    /// Tables whose rows belong to a source that must be there.
    private static let owned = [
        "project", "account", "acl", "principal", "listing", "withheld", "declared_level", "access_fact",
        "access_audit",
        "access_finding",
    ]

    /// Checks the rules between tables, and that every kept answer can be read back.
    public init(of store: Store) async throws {
        var result = try await store.read { connection in
            var result = StoreVerification()
            result.issues = try connection.first("SELECT count(*) FROM issue") { $0.int(0) } ?? 0
            for rule in Self.audiences + Self.others {
                let count =
                    rule.takesWithheldKey
                    ? try connection.first(rule.sql, AclKey.withheld.bytes) { $0.int(0) }
                    : try connection.first(rule.sql) { $0.int(0) }
                result.note(count, rule.words)
            }
            for table in Self.owned {
                let sql = "SELECT count(*) FROM \(table) WHERE source_id NOT IN (SELECT id FROM source)"
                result.note(try connection.first(sql) { $0.int(0) }, "rows of \(table) without a source")
            }
            for source in try SourceRecords.all(in: connection) { try result.check(source, in: connection) }
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

    private mutating func note(_ count: Int?, _ words: String) {
        if let count, count > 0 { problems.append("\(count) \(words)") }
    }

    /// Checks what no query can: derived audiences and packed listings.
    private mutating func check(_ source: Source, in connection: Connection) throws {
        note(
            try AccessRecords.mistaken(source: source.id, in: connection),
            "audiences of \(source.name) that its rules do not give")
        _ = try DeclaredLevels.all(source: source.id, in: connection)
        let unreadable = try Listings.all(source: source.id, in: connection).filter { listing in
            let issues = try? Listings.issues(of: listing.account, source: source.id, in: connection)
            return issues?.count != listing.issueCount
        }
        note(unreadable.count, "listings of \(source.name) that cannot be read back")
    }
}
