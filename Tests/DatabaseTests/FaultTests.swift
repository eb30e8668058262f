import Database
import Foundation
import Testing

/// Root may write anywhere, so folders can't be made read-only for it.
let permissionsBind = geteuid() != 0

@Suite struct FaultTests {
    @Test("a full disk is told, and what was committed before stays")
    func fullDisk() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.write { try $0.executeScript("CREATE TABLE t (a); INSERT INTO t VALUES ('kept')") }
        try await database.maintain { try $0.executeScript("PRAGMA max_page_count = 20") }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                for _ in 0..<100 { try connection.execute("INSERT INTO t VALUES (zeroblob(4000))") }
            }
        }
        #expect(error?.code == .full)
        #expect(try await count(database) == 1)
        try await database.maintain { try $0.executeScript("PRAGMA max_page_count = 1000000") }
        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
        #expect(try await count(database) == 2)
    }

    @Test("something else than a database is told apart from a damaged one")
    func notADatabase() async throws {
        let folder = try TemporaryFolder()
        try Data("This is a letter, not a database, and long enough to look at.".utf8).write(
            to: URL(fileURLWithPath: folder.file("db")))
        let error = #expect(throws: DatabaseError.self) { try Database(path: folder.file("db")) }
        #expect(error?.code == .notADatabase)
    }

    @Test("a damaged page is told")
    func corrupt() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.write { connection in
            try connection.execute("CREATE TABLE t (a)")
            for _ in 0..<100 { try connection.execute("INSERT INTO t VALUES (randomblob(2000))") }
        }
        await database.close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("db")))
        try file.seek(toOffset: 8_192)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 16_384))
        try file.close()
        let damaged = try Database(path: folder.file("db"))
        let error = await #expect(throws: DatabaseError.self) {
            try await damaged.read { try $0.rows("SELECT a FROM t") { $0.blob(0) } }
        }
        #expect(error?.code == .corrupt)
    }

    @Test("a missing folder is told")
    func missingFolder() throws {
        let error = #expect(throws: DatabaseError.self) { try Database(path: "/nowhere/at/all/db") }
        #expect(error?.code == .cannotOpen)
    }

    @Test("a lock of another program is told after the timeout")
    func busy() async throws {
        let folder = try TemporaryFolder()
        let first = try Database(path: folder.file("db"))
        let second = try Database(path: folder.file("db"), options: .init(busyTimeout: 1))
        let (started, signal) = AsyncStream<Void>.makeStream()
        let gate = Gate()
        async let holding: Void = first.write { _ in
            signal.finish()
            gate.wait()
        }
        for await _ in started {}
        let error = await #expect(throws: DatabaseError.self) {
            try await second.write { try $0.execute("CREATE TABLE t (a)") }
        }
        #expect(error?.code == .busy)
        gate.open()
        try await holding
    }

    @Test("a broken rule of the schema is told")
    func constraint() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                try connection.execute("CREATE TABLE t (a UNIQUE)")
                try connection.execute("INSERT INTO t VALUES (?), (?)", "secret", "secret")
            }
        }
        #expect(error?.code == .constraint)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("a database opened for reading sees what another program writes and can't write itself")
    func readOnly() async throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("db"))
        try await writer.write { try $0.executeScript("CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
        let reader = try Database(path: folder.file("db"), options: .init(isReadOnly: true))
        #expect(try await count(reader) == 1)
        try await writer.write { try $0.execute("INSERT INTO t VALUES (2)") }
        #expect(try await count(reader) == 2)
        let error = await #expect(throws: DatabaseError.self) {
            try await reader.write { try $0.execute("INSERT INTO t VALUES (3)") }
        }
        #expect(error?.code == .readOnly)
    }

    @Test("a database in a folder that can't be written to is read all the same", .enabled(if: permissionsBind))
    func readOnlyFolder() async throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("db"))
        try await writer.write { try $0.executeScript("CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
        await writer.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
        let reader = try Database(path: folder.file("db"), options: .init(isReadOnly: true))
        #expect(try await count(reader) == 1)
        let error = #expect(throws: DatabaseError.self) { try Database(path: folder.file("db")) }
        #expect([.readOnly, .cannotOpen].contains(error?.code))
    }

    @Test("a copy of database and log taken between any two commits holds whole transactions only")
    func copiedMidWrite() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"), options: .init(checkpointPages: 10))
        try await database.write { try $0.execute("CREATE TABLE t (a)") }
        for round in 1...12 {
            try await database.write { connection in
                for _ in 0..<10 { try connection.execute("INSERT INTO t VALUES (randomblob(3000))") }
                // In the middle of a transaction: what a power cut would leave on the disk.
                for suffix in ["", "-wal"] {
                    try? FileManager.default.copyItem(
                        atPath: folder.file("db\(suffix)"), toPath: folder.file("copy\(round)\(suffix)"))
                }
            }
            let copy = try Database(path: folder.file("copy\(round)"))
            #expect(try await count(copy) == (round - 1) * 10)
            let verdict = try await copy.read { try $0.rows("PRAGMA integrity_check") { $0.text(0) } }
            #expect(verdict == ["ok"])
        }
    }

    @Test("a log cut short at any length loses whole transactions only")
    func tornLog() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"), options: .init(checkpointPages: 0))
        try await database.write { try $0.execute("CREATE TABLE t (a)") }
        try await database.checkpoint()
        for _ in 0..<5 {
            try await database.write { connection in
                for _ in 0..<4 { try connection.execute("INSERT INTO t VALUES (randomblob(3000))") }
            }
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: folder.file("db-wal")))
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.file("db")))
        for (number, length) in stride(from: 0, to: log.count, by: 3_777).enumerated() {
            let path = folder.file("torn\(number)")
            try file.write(to: URL(fileURLWithPath: path))
            try log.prefix(length).write(to: URL(fileURLWithPath: path + "-wal"))
            let torn = try Database(path: path, options: .init(execution: .inline))
            let rows = try await count(torn)
            #expect(rows % 4 == 0 && rows <= 20)
            #expect(try await torn.read { try $0.rows("PRAGMA integrity_check") { $0.text(0) } } == ["ok"])
        }
    }
}

@Suite struct MigrationTests {
    static let first = Migration("store", 1, "tables", sql: "CREATE TABLE t (a); CREATE TABLE u (a)")
    static let second = Migration("store", 2, "rows", sql: "INSERT INTO t VALUES (1)") {
        try $0.execute("INSERT INTO t VALUES (2)")
    }

    @Test("steps are applied once, in order, each component for itself")
    func appliesOnce() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let other = Migration("search", 1, "index", sql: "CREATE TABLE s (a)")
        try await database.migrate([Self.first])
        try await database.migrate([Self.first, other, Self.second])
        try await database.migrate([Self.first, other, Self.second])
        #expect(try await count(database) == 2)
        try await database.requireMigrations([Self.first, Self.second])
    }

    @Test("a failing step leaves the schema as it was")
    func failingStep() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.migrate([Self.first])
        let broken = Migration("store", 2, "broken", sql: "INSERT INTO t VALUES (1); CREATE TABLE t (b)")
        await #expect(throws: DatabaseError.self) { try await database.migrate([Self.first, broken]) }
        #expect(try await count(database) == 0)
        try await database.migrate([Self.first, Self.second])
        #expect(try await count(database) == 2)
    }

    @Test("an edited step, a newer file and an older file are refused")
    func mismatches() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.migrate([Self.first, Self.second])
        let edited = Migration("store", 2, "rows", sql: "INSERT INTO t VALUES (7)")
        let third = Migration("store", 3, "more", sql: "DELETE FROM t")
        for attempt in [[Self.first, edited], [Self.first]] {
            let error = await #expect(throws: DatabaseError.self) { try await database.migrate(attempt) }
            #expect(error?.code == .schema)
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.requireMigrations([Self.first, Self.second, third])
        }
        #expect(error?.code == .schema)
    }
}
