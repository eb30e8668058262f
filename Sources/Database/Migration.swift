/// A step of the schema: numbered, only ever added, never edited once shipped.
public struct Migration: Sendable {
    /// The part of the program the step belongs to; numbers count within it.
    public let component: String
    public let number: Int
    public let name: String
    /// The statements of the step.
    public let sql: String
    /// What the statements can't do.
    let step: (@Sendable (Connection) throws -> Void)?

    public init(
        _ component: String, _ number: Int, _ name: String, sql: String,
        then step: (@Sendable (Connection) throws -> Void)? = nil
    ) {
        self.component = component
        self.number = number
        self.name = name
        self.sql = sql
        self.step = step
    }

    /// A checksum of the statements (FNV-1a, 64 bit), for noticing an edited step; no protection against anybody.
    public var checksum: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}

extension Database {
    /// Brings the schema up to `migrations`, each step in a transaction of its own, in the order given.
    ///
    /// - Throws: `DatabaseError` with code `schema` when the file was written by a newer program, or an applied step
    ///   differs from the one given here.
    public func migrate(_ migrations: [Migration]) async throws {
        let applied = try await appliedMigrations()
        try Self.verify(migrations, against: applied)
        let known = Set(applied.map(\.identity))
        for migration in migrations where !known.contains(migration.identity) {
            try await write { connection in
                try connection.executeScript(migration.sql)
                try migration.step?(connection)
                try connection.execute(
                    """
                    INSERT INTO migration (component, number, name, checksum, applied)
                    VALUES (?, ?, ?, ?, strftime('%s', 'now') * 1000)
                    """, migration.component, migration.number, migration.name, migration.checksum)
            }
        }
    }

    /// Throws unless every one of `migrations` is applied: for opening without the right to change the schema.
    public func requireMigrations(_ migrations: [Migration]) async throws {
        let applied = try await read { connection -> [AppliedMigration] in
            let exists = try connection.first(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'"
            ) { $0.int(0) }
            return exists == nil ? [] : try Self.applied(connection)
        }
        try Self.verify(migrations, against: applied)
        let known = Set(applied.map(\.identity))
        if let missing = migrations.first(where: { !known.contains($0.identity) }) {
            throw DatabaseError(
                .schema,
                "The data folder was written by an older program: it lacks \(missing.identity). "
                    + "Run a command that writes"
            )
        }
    }

    private func appliedMigrations() async throws -> [AppliedMigration] {
        try await write { connection in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS migration (
                    component TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, checksum INTEGER NOT NULL,
                    applied INTEGER NOT NULL, PRIMARY KEY (component, number)) WITHOUT ROWID
                """)
            return try Self.applied(connection)
        }
    }

    private static func applied(_ connection: Connection) throws -> [AppliedMigration] {
        try connection.rows("SELECT component, number, checksum FROM migration ORDER BY component, number") {
            AppliedMigration(component: $0.text(0), number: $0.int(1), checksum: $0.int64(2))
        }
    }

    private static func verify(_ migrations: [Migration], against applied: [AppliedMigration]) throws(DatabaseError) {
        let components = Set(migrations.map(\.component))
        for record in applied where components.contains(record.component) {
            guard let migration = migrations.first(where: { $0.identity == record.identity }) else {
                throw DatabaseError(
                    .schema, "The data folder was written by a newer program: it has \(record.identity). Use that one")
            }
            guard migration.checksum == record.checksum else {
                throw DatabaseError(.schema, "The schema step \(record.identity) is not the one that was applied")
            }
        }
    }
}

private struct AppliedMigration: Sendable {
    var component: String
    var number: Int
    var checksum: Int64
    var identity: String { "\(component) \(number)" }
}

extension Migration {
    fileprivate var identity: String { "\(component) \(number)" }
}
