internal import Database

extension SearchIndexWriter {
    /// Reads the issue's row back, so that what search filters by is what the store holds.
    ///
    /// - Parameter open: The document everybody who sees the issue may read; `nil` keeps what is known of it.
    static func writeRecord(issue: Int64, open: SearchText.Document?, in connection: Connection) throws {
        let statement = try connection.statement(
            """
            SELECT created, updated, resolved, source_id, acl_id, project_id, key, type_id, status_id, priority_id,
                resolution_id, assignee_id, reporter_id, creator_id, level_id, due
            FROM issue WHERE id = ?
            """)
        statement.bind(1, issue)
        guard try statement.step() else {
            throw SearchError(.damaged, "The store has no issue \(issue) to be found")
        }
        var record = Self.record(from: statement.row)
        statement.reset()
        if let open {
            record.summaryLength = UInt32(open.length(0))
            record.bodyLength = UInt32(open.length(1))
            record.notesLength = UInt32(open.length(2))
            record.kinds = open.kinds
        } else if let known = try storedRecord(of: issue, in: connection) {
            record.summaryLength = known.summaryLength
            record.bodyLength = known.bodyLength
            record.notesLength = known.notesLength
            record.kinds = known.kinds
        }
        let write = try connection.statement("INSERT OR REPLACE INTO search_issue (issue_id, record) VALUES (?, ?)")
        write.bind(1, issue)
        write.bind(2, record.encoded(values: try values(of: issue, in: connection)))
        try write.run()
    }

    private static func record(from row: Row) -> IssueRecord {
        var record = IssueRecord()
        func id(_ column: Int) -> Int32 { Int32(truncatingIfNeeded: row.int64(column)) }
        record.created = row.int64(0)
        record.updated = row.int64(1)
        record.resolved = row.int64(2)
        record.source = id(3)
        record.acl = id(4)
        record.project = id(5)
        record.number = row.withBytes(6) { Self.number(inKey: $0) }
        record.type = id(7)
        record.status = id(8)
        record.priority = id(9)
        record.resolution = id(10)
        record.assignee = id(11)
        record.reporter = id(12)
        record.creator = id(13)
        record.level = id(14)
        record.due = row.isNull(15) ? IssueRecord.noDay : id(15)
        return record
    }

    private static func number(inKey key: UnsafeRawBufferPointer) -> Int32 {
        var number: Int32 = 0
        for byte in key.drop(while: { $0 != UInt8(ascii: "-") }).dropFirst() {
            guard (0x30...0x39).contains(byte), number < 200_000_000 else { return number }
            number = number * 10 + Int32(byte - 0x30)
        }
        return number
    }

    private static func storedRecord(of issue: Int64, in connection: Connection) throws -> IssueRecord? {
        var ignored: [IssueRecord.Value] = []
        return try connection.first("SELECT record FROM search_issue WHERE issue_id = ?", issue) { row in
            row.withBytes(0) { IssueRecord($0, values: &ignored) }
        } ?? nil
    }

    private static func values(of issue: Int64, in connection: Connection) throws -> [IssueRecord.Value] {
        let statement = try connection.statement("SELECT kind, catalogue_id FROM issue_value WHERE issue_id = ?")
        statement.bind(1, issue)
        var values: [IssueRecord.Value] = []
        while try statement.step() {
            guard let value = IssueRecord.Value(kind: statement.row.int(0), id: statement.row.int64(1)) else {
                continue
            }
            values.append(value)
        }
        return values
    }
}
