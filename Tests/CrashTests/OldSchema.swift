import Database
import Foundation
import SearchIndex
import StoreSchema
import Testing
import WebAPI
import Workspace

/// Data folders as the last released program left them.
enum OldSchema {
    /// The steps of the schema that were released.
    static let steps =
        Schema.migrations.filter { $0.number <= 2 } + SearchIndex.migrations.filter { $0.number <= 1 }
        + Workspace.migrations.filter { $0.number <= 1 }

    /// Every step of this program.
    static let newest = Schema.migrations + Installation.migrations

    /// Takes back everything of a data folder that the released program did not have.
    static func age(_ copy: DataCopy) async throws {
        let model = copy.path + "/model.sqlite"
        let old = try database(model)
        try await old.migrate(steps)
        let kept = try await shape(of: old)
        await old.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: model + suffix) }
        let database = try database(copy.database)
        let now = try await shape(of: database)
        try await database.write { connection in
            // First, as they name tables that are about to go.
            for trigger in now.triggers.subtracting(kept.triggers) {
                try connection.execute("DROP TRIGGER \"\(trigger)\"")
            }
            for (table, columns) in now.tables {
                guard let before = kept.tables[table] else {
                    try connection.execute("DROP TABLE \"\(table)\"")
                    continue
                }
                for column in columns where !before.contains(column) {
                    try connection.execute("ALTER TABLE \"\(table)\" DROP COLUMN \"\(column)\"")
                }
            }
            for index in now.indices.subtracting(kept.indices) {
                try connection.execute("DROP INDEX IF EXISTS \"\(index)\"")
            }
            let names = steps.map { "'\($0.component) \($0.number)'" }.joined(separator: ", ")
            try connection.execute("DELETE FROM migration WHERE component || ' ' || number NOT IN (\(names))")
        }
        await database.close()
    }

    static func database(_ path: String) throws -> Database {
        try Database(path: path, options: .init(execution: .inline) { try SearchIndex.register(on: $0) })
    }

    struct Shape: Sendable {
        /// Columns of each table, in order; not of virtual tables.
        var tables: [String: [String]] = [:]
        var indices: Set<String> = []
        var triggers: Set<String> = []
    }

    static func shape(of database: Database) async throws -> Shape {
        try await database.read { connection in
            var shape = Shape()
            let objects = try connection.rows("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL") {
                ($0.text(0), $0.text(1), $0.text(2))
            }
            for (type, name, sql) in objects where !name.hasPrefix("sqlite_") {
                if type == "index" { shape.indices.insert(name) }
                if type == "trigger" { shape.triggers.insert(name) }
                // Tables of full-text search belong to their virtual table.
                guard type == "table", !sql.hasPrefix("CREATE VIRTUAL"), !name.hasPrefix("search_word_") else {
                    continue
                }
                shape.tables[name] = try connection.rows("SELECT name FROM pragma_table_info(?)", name) { $0.text(0) }
            }
            return shape
        }
    }
}
