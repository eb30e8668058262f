internal import Database

extension IssueColumns {
    /// The version of the index that `connection`'s transaction sees.
    static func version(in connection: Connection) throws -> Int64 {
        try connection.first("SELECT max(version) FROM search_change") { $0.int64(0) } ?? 0
    }

    /// Reads everything: about 0.3 s for a million issues.
    static func load(version: Int64, from connection: Connection) throws -> IssueColumns {
        var columns = IssueColumns()
        columns.version = version
        let last = try connection.first("SELECT max(issue_id) FROM search_issue") { $0.int(0) } ?? 0
        guard last < largestIssue else { throw PassageCoding.damaged }
        columns.records = Array(repeating: IssueRecord(), count: last + 1)
        columns.lengths = Array(repeating: 0, count: last + 1)
        columns.present = IssueSet(capacity: last + 1)
        try connection.forEach("SELECT issue_id, record FROM search_issue") { row in
            try row.withBytes(1) { try columns.set(row.int(0), $0) }
        }
        try connection.forEach("\(restrictedQuery) ORDER BY document") { columns.readRestricted($0) }
        return columns
    }

    /// This state and the changes since, or `nil` when they are too many or no longer listed.
    func advanced(to version: Int64, from connection: Connection) throws -> IssueColumns? {
        let oldest = try connection.first("SELECT min(version) FROM search_change") { $0.int64(0) } ?? 0
        guard oldest <= self.version + 1, version > self.version, version - self.version <= Self.changesLimit,
            deadValues < max(100_000, values.count / 2)
        else { return nil }
        let changed = try connection.rows(
            "SELECT DISTINCT issue_id FROM search_change WHERE version > ? AND version <= ?", self.version, version
        ) { $0.int(0) }
        var columns = self
        columns.version = version
        // All of them first: one may have a restricted document's number now that another had before.
        for issue in changed { columns.remove(issue) }
        for issue in changed {
            try connection.forEach("SELECT record FROM search_issue WHERE issue_id = ?", issue) { row in
                try row.withBytes(0) { try columns.set(issue, $0) }
            }
            try connection.forEach("\(Self.restrictedQuery) WHERE issue_id = ? ORDER BY document", issue) {
                columns.readRestricted($0)
            }
        }
        return columns
    }

    private static let changesLimit: Int64 = 8_000

    private static let restrictedQuery = """
        SELECT document, issue_id, restriction, acl_id, kinds, body_length, notes_length FROM search_restricted
        """

    private mutating func readRestricted(_ row: Row) {
        setRestricted(
            row.int64(0),
            RestrictedDocument(
                issue: Int32(truncatingIfNeeded: row.int64(1)), restriction: Int32(truncatingIfNeeded: row.int64(2)),
                acl: row.int64(3), kinds: UInt32(truncatingIfNeeded: row.int64(4)),
                bodyLength: UInt32(truncatingIfNeeded: row.int64(5)),
                notesLength: UInt32(truncatingIfNeeded: row.int64(6))))
    }
}
