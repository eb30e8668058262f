internal import AccessControl
internal import Database

extension AccessRecords {
    /// Removes those of `acls` that nothing has any more, once the issues that had them were given others.
    public static func removeUnused(_ acls: Set<Int64>, source: Int64, in context: WriteContext) throws {
        var unused = acls
        for table in ["issue", "comment", "worklog", "attachment", "search_restricted"] where !unused.isEmpty {
            guard try context.connection.hasTable(table) else { continue }
            try context.connection.forEach("SELECT DISTINCT acl_id FROM \(table)") { unused.remove($0.int64(0)) }
        }
        guard !unused.isEmpty else { return }
        for acl in unused {
            try context.connection.execute("DELETE FROM acl WHERE id = ? AND source_id = ?", acl, source)
        }
        // Their numbers are never given again; what knows them by their keys must forget them.
        context.interned.forget()
        context.noteAccessChange()
    }
}

extension Connection {
    fileprivate func hasTable(_ name: String) throws -> Bool {
        try first("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name) { _ in true } ?? false
    }
}
