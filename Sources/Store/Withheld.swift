internal import AccessControl
public import Database
public import IssueModel

/// Issues kept from everybody but the operator, because they were shown to somebody Jira does not show them to.
///
/// The rows of such an issue and of everything on it point at the acl of ``AccessControl/AclKey/withheld``, whatever is
/// written of it meanwhile.
public enum Withheld {
    public struct Record: Hashable, Sendable {
        public var issue: IssueID
        /// Why, for an administrator.
        public var reason: String
        public var at: Timestamp
    }

    /// Withholds an issue at once, stored or not. One that is withheld already keeps its first reason.
    ///
    /// - Returns: Our id of the issue, so that its search rows follow in the same transaction; `nil` where it is not
    ///   stored.
    @discardableResult
    public static func put(
        _ issue: IssueID, reason: String, at: Timestamp, source: Int64, in context: WriteContext
    ) throws -> Int64? {
        try context.connection.execute(
            "INSERT OR IGNORE INTO withheld (source_id, jira_id, reason, at) VALUES (?, ?, ?, ?)", source,
            issue.rawValue, reason, at.rawValue)
        guard let id = try IssueRecords.stamp(of: issue, source: source, in: context.connection)?.id else { return nil }
        try close(id, source: source, in: context)
        return id
    }

    /// Lets an issue go. Its rows stay closed until they are written with the keys its rules ask for.
    ///
    /// - Returns: Whether it was withheld.
    @discardableResult
    public static func release(_ issue: IssueID, source: Int64, in context: WriteContext) throws -> Bool {
        try context.connection.execute(
            "DELETE FROM withheld WHERE source_id = ? AND jira_id = ?", source, issue.rawValue)
        return context.connection.changedRows > 0
    }

    /// The issues withheld in a source.
    public static func ids(source: Int64, in connection: Connection) throws -> Set<IssueID> {
        Set(try all(source: source, in: connection).map(\.issue))
    }

    /// The issues withheld in a source with their reasons, by number.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows(
            "SELECT jira_id, reason, at FROM withheld WHERE source_id = ? ORDER BY jira_id", source
        ) { Record(issue: IssueID($0.int64(0)), reason: $0.text(1), at: Timestamp(milliseconds: $0.int64(2))) }
    }

    static func contains(_ issue: IssueID, source: Int64, in connection: Connection) throws -> Bool {
        let statement = try connection.statement("SELECT 1 FROM withheld WHERE source_id = ? AND jira_id = ?")
        statement.bind(1, source)
        statement.bind(2, issue.rawValue)
        defer { statement.reset() }
        return try statement.step()
    }

    /// Our id of the acl that admits nobody, of a source.
    public static func acl(source: Int64, in context: WriteContext) throws -> Int64 {
        try AccessRecords.intern(.withheld, source: source, in: context)
    }

    /// Points an issue and everything on it at the acl that admits nobody.
    static func close(_ id: Int64, source: Int64, in context: WriteContext) throws {
        let acl = try acl(source: source, in: context)
        try context.connection.execute("UPDATE issue SET acl_id = ? WHERE id = ?", acl, id)
        for table in ["comment", "worklog", "attachment"] {
            try context.connection.execute("UPDATE \(table) SET acl_id = ? WHERE issue_id = ?", acl, id)
        }
        context.noteAccessChange()
        context.noteContentChange()
    }
}
