import Database
import StoreSchema
import Testing

@Suite struct SchemaTests {
    @Test("a new database gets every table, and a second start changes nothing")
    func migrates() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.migrate(Schema.migrations)
        try await database.migrate(Schema.migrations)
        let tables = try await database.read { connection in
            try connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.text(0) }
        }
        #expect(Set(tables).isSuperset(of: ["source", "account", "project", "acl", "issue", "issue_raw", "tombstone"]))
    }
}
