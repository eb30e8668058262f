extension Database {
    /// Writes a consistent copy of the database to `path` while others read and write.
    ///
    /// The copy has no free pages and needs no write-ahead log (SQLite `VACUUM INTO`).
    ///
    /// - Throws: ``DatabaseError`` where the file exists already or cannot be written.
    public func backup(to path: String) async throws {
        try await inspect { try $0.execute("VACUUM INTO ?", path) }
    }

    /// What SQLite finds wrong with the file; empty when it is sound. Goes through every page and every index.
    public func integrityProblems() async throws -> [String] {
        let found = try await inspect { try $0.rows("PRAGMA integrity_check(100)") { $0.text(0) } }
        return found == ["ok"] ? [] : found
    }
}
