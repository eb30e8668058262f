import Database
import Foundation
import Testing

/// A database of the last released schema, with a row in every table, is taken up by this program as it is.
@Suite("The released schema") struct SchemaTests {
    @Test("every row of every table is there after the migration, and a second start changes nothing")
    func rowsStay() async throws {
        let folder = NSTemporaryDirectory() + "drawbridge-schema-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/drawbridge.sqlite"
        let old = try OldSchema.database(path)
        try await old.migrate(OldSchema.steps)
        let shape = try await OldSchema.shape(of: old)
        try await Self.fill(old, shape)
        let before = try await Self.rows(old, shape)
        #expect(before.count > 35 && before.values.allSatisfy { !$0.isEmpty }, "a table was left empty")
        await old.close()
        for _ in 0..<2 {
            let new = try OldSchema.database(path)
            try await new.migrate(OldSchema.newest)
            #expect(try await Self.rows(new, shape) == before)
            #expect(try await new.integrityProblems() == [])
            await new.close()
        }
    }

    @Test("a step that fails in the middle leaves the old schema, and works when it is tried again")
    func failedStep() async throws {
        let folder = NSTemporaryDirectory() + "drawbridge-schema-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try OldSchema.database(folder + "/drawbridge.sqlite")
        try await database.migrate(OldSchema.steps)
        let shape = try await OldSchema.shape(of: database)
        try await Self.fill(database, shape)
        let before = try await Self.rows(database, shape)
        let pages = try await database.read { try $0.first("PRAGMA page_count") { $0.int(0) } } ?? 0
        // No room for a single table more.
        try await database.maintain { try $0.executeScript("PRAGMA max_page_count = \(pages)") }
        let error = await #expect(throws: DatabaseError.self) { try await database.migrate(OldSchema.newest) }
        #expect(error?.code == .full)
        #expect(try await OldSchema.shape(of: database).tables == shape.tables)
        try await database.maintain { try $0.executeScript("PRAGMA max_page_count = 1000000") }
        try await database.migrate(OldSchema.newest)
        #expect(try await Self.rows(database, shape) == before)
        await database.close()
    }

    /// One row in every table, each column with a value of its type.
    private static func fill(_ database: Database, _ shape: OldSchema.Shape) async throws {
        try await database.write { connection in
            // Rows name each other: every number is 1, whatever the order they come in.
            try connection.execute("PRAGMA defer_foreign_keys = ON")
            for table in shape.tables.keys.sorted() where table != "migration" {
                let columns = try connection.rows("SELECT name, type FROM pragma_table_info(?)", table) {
                    (name: $0.text(0), type: $0.text(1))
                }
                let values = columns.enumerated().map { index, column in
                    switch column.type {
                    case "INTEGER": "1"
                    case "BLOB": "x'0\(index % 10)ff'"
                    default: "'\(column.name) of \(table)'"
                    }
                }
                let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
                try connection.execute(
                    "INSERT INTO \"\(table)\" (\(names)) VALUES (\(values.joined(separator: ", ")))")
            }
        }
    }

    /// What the tables hold in the columns they had, as text; the list of applied steps left out.
    private static func rows(_ database: Database, _ shape: OldSchema.Shape) async throws -> [String: [String]] {
        try await database.read { connection in
            var result: [String: [String]] = [:]
            for (table, columns) in shape.tables where table != "migration" {
                let list = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
                result[table] = try connection.rows("SELECT \(list) FROM \"\(table)\" ORDER BY 1") { $0.text(0) }
            }
            return result
        }
    }
}
