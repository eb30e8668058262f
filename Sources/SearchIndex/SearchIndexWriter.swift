public import Database

/// Keeps the search index in step with the store. Every function belongs inside the transaction that changes the issue itself.
public enum SearchIndexWriter {
    /// Writes an issue's text and columns, new or again. The issue's rows in `issue` and `issue_value` must be there already.
    ///
    /// Text that did not change costs nothing but its comparison.
    ///
    /// - Parameters:
    ///   - issue: `issue.id`.
    ///   - restrictions: The acl ids that passages' ``SearchPassage/restriction`` points into. Each must stand for the
    ///     issue's own audience and the restriction together.
    public static func replace(
        issue: Int64, text: SearchText, restrictions: [Int64] = [], in connection: Connection
    ) throws {
        guard issue > 0, issue < IssueColumns.largestIssue else {
            throw SearchError(.damaged, "The store's issue number \(issue) is out of range")
        }
        let before = try storedText(of: issue, in: connection)
        if before == nil || before?.bytes != text.stored {
            let old = try before.map { SearchText.documents(of: try $0.passages) } ?? []
            try replaceWords(issue: issue, old: old, new: text.documents, in: connection)
            let statement = try connection.statement(
                "INSERT OR REPLACE INTO search_text (issue_id, body) VALUES (?, ?)")
            statement.bind(1, issue)
            statement.bind(2, text.stored)
            try statement.run()
        }
        try replaceRestricted(issue: issue, text.documents, restrictions, in: connection)
        try writeRecord(issue: issue, open: text.documents.first, in: connection)
        try noteChange(of: issue, in: connection)
    }

    /// Writes only an issue's columns again: for a change of status, assignee, acl and the like that left all text as it was.
    public static func refresh(issue: Int64, in connection: Connection) throws {
        try writeRecord(issue: issue, open: nil, in: connection)
        try noteChange(of: issue, in: connection)
    }

    /// Forgets an issue. It does no harm when the index does not hold it.
    public static func remove(issue: Int64, in connection: Connection) throws {
        guard let before = try storedText(of: issue, in: connection) else { return }
        let old = SearchText.documents(of: try before.passages)
        try replaceWords(issue: issue, old: old, new: [], in: connection)
        for table in ["search_text", "search_issue", "search_restricted"] {
            try connection.execute("DELETE FROM \(table) WHERE issue_id = ?", issue)
        }
        try noteChange(of: issue, in: connection)
    }

    /// Merges what many small writes left behind, for the fastest queries and the smallest file. Worth it after a full read.
    ///
    /// - Parameter pages: About how many pages of the word table to rewrite; `nil` rewrites all of it.
    public static func settle(pages: Int? = nil, in connection: Connection) throws {
        guard let pages else {
            try connection.execute("INSERT INTO search_word (search_word) VALUES ('optimize')")
            return
        }
        try connection.execute("INSERT INTO search_word (search_word, rank) VALUES ('merge', ?)", pages)
    }

    // MARK: Words

    struct StoredText {
        var bytes: [UInt8]
        var passages: [SearchPassage] {
            get throws { try bytes.withUnsafeBytes { bytes in try PassageCoding.decode(bytes) } }
        }
    }

    static func storedText(of issue: Int64, in connection: Connection) throws -> StoredText? {
        let statement = try connection.statement("SELECT body FROM search_text WHERE issue_id = ?")
        statement.bind(1, issue)
        defer { statement.reset() }
        return try statement.step() ? StoredText(bytes: statement.row.blob(0)) : nil
    }

    /// Rewrites the rows of the word table whose text changed: the issue's own, and one for each restricted document.
    private static func replaceWords(
        issue: Int64, old: [SearchText.Document], new: [SearchText.Document], in connection: Connection
    ) throws {
        var rows = try restrictedRows(of: issue, in: connection)
        let unchanged = Set(old.filter { document in new.contains { $0.hasWords(of: document) } }.map(\.restriction))
        for document in old where !unchanged.contains(document.restriction) {
            guard let row = document.restriction.map({ rows[$0] }) ?? issue else { throw PassageCoding.damaged }
            try changeWords(
                """
                INSERT INTO search_word (search_word, rowid, summary, body, notes) VALUES ('delete', ?, ?, ?, ?)
                """, row, document, in: connection)
        }
        for document in new where !unchanged.contains(document.restriction) {
            var row = issue
            if let restriction = document.restriction {
                row = try rows[restriction] ?? newRestrictedRow(issue, restriction, in: connection)
                rows[restriction] = row
            }
            try changeWords(
                "INSERT INTO search_word (rowid, summary, body, notes) VALUES (?, ?, ?, ?)", row, document,
                in: connection)
        }
    }

    private static func changeWords(
        _ sql: String, _ row: Int64, _ document: SearchText.Document, in connection: Connection
    ) throws {
        let statement = try connection.statement(sql)
        statement.bind(1, row)
        for column in 0..<3 { statement.bind(column + 2, document.columns[column]) }
        try statement.run()
    }

    // MARK: Restricted documents

    private static func restrictedRows(of issue: Int64, in connection: Connection) throws -> [Int: Int64] {
        let statement = try connection.statement(
            "SELECT restriction, document FROM search_restricted WHERE issue_id = ?")
        statement.bind(1, issue)
        var rows: [Int: Int64] = [:]
        while try statement.step() { rows[statement.row.int(0)] = statement.row.int64(1) }
        return rows
    }

    private static func newRestrictedRow(
        _ issue: Int64, _ restriction: Int, in connection: Connection
    ) throws -> Int64 {
        let last = try connection.first("SELECT max(document) FROM search_restricted") { $0.optionalInt64(0) } ?? nil
        let row = (last ?? SearchIndex.firstRestrictedDocument - 1) + 1
        try connection.execute(
            "INSERT INTO search_restricted VALUES (?, ?, ?, 0, 0, 0, 0)", row, issue, restriction)
        return row
    }

    private static func replaceRestricted(
        issue: Int64, _ documents: [SearchText.Document], _ restrictions: [Int64], in connection: Connection
    ) throws {
        var kept: Set<Int> = []
        for document in documents {
            guard let restriction = document.restriction else { continue }
            guard restrictions.indices.contains(restriction) else {
                throw SearchError(.damaged, "A passage names restriction \(restriction) of \(restrictions.count)")
            }
            kept.insert(restriction)
            try connection.execute(
                """
                UPDATE search_restricted SET acl_id = ?, kinds = ?, body_length = ?, notes_length = ?
                WHERE issue_id = ? AND restriction = ?
                """, restrictions[restriction], Int64(document.kinds), document.length(0) + document.length(1),
                document.length(2), issue, restriction)
        }
        for (restriction, row) in try restrictedRows(of: issue, in: connection) where !kept.contains(restriction) {
            try connection.execute("DELETE FROM search_restricted WHERE document = ?", row)
        }
    }

    /// Appends to the list of changes that open snapshots catch up by; its highest number is the index's version.
    private static func noteChange(of issue: Int64, in connection: Connection) throws {
        let statement = try connection.statement("INSERT INTO search_change (issue_id) VALUES (?)")
        statement.bind(1, issue)
        try statement.run()
        let version = connection.lastInsertedID
        if version % 4_096 == 0 {
            try connection.execute("DELETE FROM search_change WHERE version <= ?", version - changesKept)
        }
    }

    private static let changesKept: Int64 = 8_192
}

extension SearchIndexWriter {
    /// Forgets every issue of a source, for `Store.purge`. Call it while the source's rows in `issue` are still there.
    public static func removeAll(source: Int64, in connection: Connection) throws {
        let issues = try connection.rows("SELECT id FROM issue WHERE source_id = ?", source) { $0.int64(0) }
        for issue in issues { try remove(issue: issue, in: connection) }
    }
}
