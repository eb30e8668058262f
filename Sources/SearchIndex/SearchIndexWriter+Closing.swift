public import Database

extension SearchIndexWriter {
    /// Gives an issue and all that is restricted on it one acl in the index: for issues that are kept from everybody. The
    /// issue's own row in `issue` must have that acl already.
    ///
    /// - Parameter acl: Of `acl.id`.
    public static func close(issue: Int64, acl: Int64, in connection: Connection) throws {
        guard try storedText(of: issue, in: connection) != nil else { return }
        try connection.execute("UPDATE search_restricted SET acl_id = ? WHERE issue_id = ?", acl, issue)
        try refresh(issue: issue, in: connection)
    }
}
