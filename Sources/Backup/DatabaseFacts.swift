internal import Database

/// What a database says of itself, whatever program wrote it.
enum DatabaseFacts {
    /// The applied steps, in the order of their application.
    static func steps(in connection: Connection) throws -> [(component: String, number: Int)] {
        let exists = try connection.first(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'"
        ) { $0.int(0) }
        guard exists != nil else { return [] }
        return try connection.rows("SELECT component, number FROM migration ORDER BY component, number") {
            (component: $0.text(0), number: $0.int(1))
        }
    }

    /// The highest step of each component.
    static func schema(in connection: Connection) throws -> [String: Int] {
        try steps(in: connection).reduce(into: [:]) { $0[$1.component] = max($0[$1.component] ?? 0, $1.number) }
    }

    /// Rows of the tables that tell most of what is kept; tables that are not there are left out.
    static func counts(in connection: Connection) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in ["source", "project", "account", "issue", "comment", "attachment", "acl", "member", "audit_event"]
        {
            let exists = try connection.first(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", table
            ) { $0.int(0) }
            guard exists != nil else { continue }
            counts[table] = try connection.first("SELECT count(*) FROM \"\(table)\"") { $0.int(0) } ?? 0
        }
        return counts
    }

    /// The version of Drawbridge that last wrote, where it said so.
    static func program(in connection: Connection) throws -> String? {
        let exists = try connection.first(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'setting'"
        ) { $0.int(0) }
        guard exists != nil else { return nil }
        return try connection.first("SELECT value FROM setting WHERE name = ?", programSetting) { $0.text(0) }
    }

    static let programSetting = "program.version"

    /// Opens a file for reading alone, lends it, and closes it.
    static func with<T>(_ path: String, _ body: (Database) async throws -> T) async throws -> T {
        let database = try Database(
            path: path, options: .init(execution: .threads(readers: 1), isReadOnly: true, busyTimeout: 60_000))
        do {
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }
}
