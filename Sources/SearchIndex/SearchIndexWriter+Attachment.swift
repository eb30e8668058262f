public import Database

extension SearchIndexWriter {
    /// Gives one attachment of an issue its text, once that was extracted. All else of the issue stays as it is.
    ///
    /// - Parameters:
    ///   - id: Jira's id of the attachment. An issue without it in the index is left alone.
    ///   - text: The file's name and text.
    ///   - issue: `issue.id`.
    public static func replaceAttachment(
        _ id: String, text: String, issue: Int64, in connection: Connection
    ) throws {
        guard var passages = try storedText(of: issue, in: connection)?.passages,
            let position = passages.firstIndex(where: { $0.kind == .attachment && $0.id == id })
        else { return }
        passages[position].text = text
        let acls = try connection.rows(
            "SELECT restriction, acl_id FROM search_restricted WHERE issue_id = ?", issue
        ) { ($0.int(0), $0.int64(1)) }
        var restrictions = [Int64](repeating: 0, count: (acls.map(\.0).max() ?? -1) + 1)
        for (restriction, acl) in acls { restrictions[restriction] = acl }
        try replace(issue: issue, text: SearchText(passages), restrictions: restrictions, in: connection)
    }
}
