import Database
import SearchIndex

/// Changes of the stored copy that each take one rule out of it.
enum Tampering {
    static func sql(_ statements: String...) -> @Sendable (Connection) throws -> Void {
        { connection in for statement in statements { try connection.execute(statement) } }
    }

    static let withoutBrowse = sql("UPDATE acl SET browse = NULL")
    static let withoutLevel = sql("UPDATE acl SET level = NULL")
    static let withoutVisibility = sql("UPDATE acl SET visibility = NULL")
    /// The level's members in place of those who may browse, not of both.
    static let levelReplacesBrowse = sql("UPDATE acl SET browse = NULL WHERE level IS NOT NULL")
    /// An empty list is taken for no restriction.
    static let emptyMeansEverybody = sql(
        "UPDATE acl SET browse = NULL WHERE browse = x''", "UPDATE acl SET level = NULL WHERE level = x''",
        "UPDATE acl SET visibility = NULL WHERE visibility = x''")
    static let commentsLikeIssues = sql(
        "UPDATE comment SET acl_id = (SELECT acl_id FROM issue WHERE id = issue_id)")
    static let worklogsLikeIssues = sql(
        "UPDATE worklog SET acl_id = (SELECT acl_id FROM issue WHERE id = issue_id)")
    static let attachmentsLikeIssues = sql(
        "UPDATE attachment SET acl_id = (SELECT acl_id FROM issue WHERE id = issue_id)")
    static let wordsLikeIssues = sql(
        "UPDATE search_restricted SET acl_id = (SELECT acl_id FROM issue WHERE id = issue_id)")
    static let everybodyInEveryGroup = sql(
        "INSERT OR IGNORE INTO membership SELECT g.id, a.id FROM person_group g, account a")
    static let everybodyInEveryRole = sql(
        """
        INSERT INTO role_actor SELECT DISTINCT r.project_id, r.role, r.role_name, a.jira_id, NULL
        FROM role_actor r, account a
        """)
    static let nobodyIsInactive = sql("UPDATE account SET active = 1")
    static let customersArePeople = sql("UPDATE account SET kind = 'atlassian' WHERE kind = 'customer'")
    static let hiddenProjectsShown = sql("UPDATE project SET access_state = 'verified'")

    /// Every principal of the kind becomes `anyone`, as where a product takes it for everybody.
    static func isEverybody(_ kind: String) -> @Sendable (Connection) throws -> Void {
        { connection in
            let wanted = Set(
                try connection.rows("SELECT id FROM principal WHERE kind = ?", kind) { UInt32($0.int64(0)) })
            try rewrite(in: connection) { clause in clause.contains { wanted.contains($0) } ? nil : clause }
        }
    }

    /// Principals of the kind are dropped, as where a product does not know them.
    static func unknown(_ kind: String) -> @Sendable (Connection) throws -> Void {
        { connection in
            let wanted = Set(
                try connection.rows("SELECT id FROM principal WHERE kind = ?", kind) { UInt32($0.int64(0)) })
            try rewrite(in: connection) { clause in clause.filter { !wanted.contains($0) } }
        }
    }

    /// Those in the level or those who may browse, where it must be both.
    static let levelOrBrowse: @Sendable (Connection) throws -> Void = { connection in
        let rows = try connection.rows("SELECT id, browse, level FROM acl WHERE level IS NOT NULL") {
            ($0.int64(0), numbers($0.blob(1)), numbers($0.blob(2)))
        }
        for (id, browse, level) in rows {
            try connection.execute(
                "UPDATE acl SET browse = ?, level = NULL WHERE id = ?", bytes(Set(browse + level).sorted()), id)
        }
    }

    private static func rewrite(in connection: Connection, _ change: ([UInt32]) -> [UInt32]?) throws {
        for clause in ["browse", "level"] {
            let rows = try connection.rows("SELECT id, \(clause) FROM acl WHERE \(clause) IS NOT NULL") {
                ($0.int64(0), numbers($0.blob(1)))
            }
            for (id, clauseNumbers) in rows {
                try connection.execute(
                    "UPDATE acl SET \(clause) = ? WHERE id = ?", change(clauseNumbers).map { bytes($0) }, id)
            }
        }
    }

    private static func numbers(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count - 3, by: 4).map { start in
            (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
        }
    }

    private static func bytes(_ numbers: [UInt32]) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) } }
    }
}
