import Database
import Testing

/// Both ways of running work pass the same tests.
struct Mode: CustomTestStringConvertible, Sendable {
    var name: String
    var execution: Database.Options.Execution
    var testDescription: String { name }

    static let all = [Mode(name: "threads", execution: .threads(readers: 2)), Mode(name: "inline", execution: .inline)]

    func open(_ path: String) throws -> Database {
        try Database(path: path, options: Database.Options(execution: execution))
    }
}

@Suite struct DatabaseTests {
    @Test("values come back as they were bound", arguments: Mode.all)
    func values(_ mode: Mode) async throws {
        let folder = try TemporaryFolder()
        let database = try mode.open(folder.file("db"))
        let missing: String? = nil
        let back = try await database.write { connection in
            try connection.execute("CREATE TABLE t (i, r, s, b, n)")
            try connection.execute(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?)", -7, 1.5, "ä\u{0}b", [0, 255] as [UInt8], missing)
            return try connection.first("SELECT i, r, s, b, n FROM t") {
                ($0.int64(0), $0.double(1), $0.text(2), $0.blob(3), $0.optionalText(4))
            }
        }
        #expect(back?.0 == -7)
        #expect(back?.1 == 1.5)
        #expect(back?.2 == "ä\u{0}b")
        #expect(back?.3 == [0, 255])
        #expect(back?.4 == nil)
        await database.close()
    }

    @Test("empty text and empty blobs are not NULL", arguments: Mode.all)
    func emptyValues(_ mode: Mode) async throws {
        let folder = try TemporaryFolder()
        let database = try mode.open(folder.file("db"))
        let kinds = try await database.read { connection in
            try connection.first("SELECT typeof(?), typeof(?), typeof(?)", "", [UInt8](), nil) {
                [$0.text(0), $0.text(1), $0.text(2)]
            }
        }
        #expect(kinds == ["text", "blob", "null"])
    }

    @Test("a body that throws leaves nothing behind", arguments: Mode.all)
    func rollback(_ mode: Mode) async throws {
        struct Stop: Error {}
        let folder = try TemporaryFolder()
        let database = try mode.open(folder.file("db"))
        try await database.write { try $0.execute("CREATE TABLE t (a)") }
        await #expect(throws: Stop.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        #expect(try await count(database) == 0)
    }

    @Test("a savepoint that throws undoes only its own changes")
    func savepoint() async throws {
        struct Stop: Error {}
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.write { connection in
            try connection.execute("CREATE TABLE t (a)")
            try connection.execute("INSERT INTO t VALUES (1)")
            try? connection.savepoint {
                try connection.execute("INSERT INTO t VALUES (2)")
                throw Stop()
            }
            try connection.savepoint { try connection.execute("INSERT INTO t VALUES (3)") }
        }
        #expect(try await database.read { try $0.rows("SELECT a FROM t ORDER BY a") { $0.int(0) } } == [1, 3])
    }

    @Test("a read sees one snapshot while another task writes")
    func snapshot() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.write { try $0.executeScript("CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
        let (started, signal) = AsyncStream<Void>.makeStream()
        let release = Gate()
        async let counts: [Int] = database.read { connection in
            let before = try connection.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1
            signal.finish()
            release.wait()
            return [before, try connection.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1]
        }
        for await _ in started {}
        try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
        release.open()
        #expect(try await counts == [1, 1])
        #expect(try await count(database) == 2)
    }

    @Test("reading can't write", arguments: Mode.all)
    func readsOnly(_ mode: Mode) async throws {
        let folder = try TemporaryFolder()
        let database = try mode.open(folder.file("db"))
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { try $0.execute("CREATE TABLE t (a)") }
        }
        #expect(error?.code == .readOnly)
    }

    @Test("the same statement can be read within its own rows")
    func nestedStatements() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let pairs = try await database.read { connection in
            let sql = "SELECT value FROM json_each('[1,2]')"
            return try connection.rows(sql) { outer in
                try connection.rows(sql) { outer.int(0) * 10 + $0.int(0) }
            }.flatMap { $0 }
        }
        #expect(pairs == [11, 12, 21, 22])
    }

    @Test("a wrong number of arguments is refused")
    func argumentCount() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { try $0.first("SELECT ?", 1, 2) { $0.int(0) } }
        }
        #expect(error?.code == .statement)
    }

    @Test("a closed database refuses work and has emptied its log", arguments: Mode.all)
    func closes(_ mode: Mode) async throws {
        let folder = try TemporaryFolder()
        let database = try mode.open(folder.file("db"))
        try await database.write { try $0.execute("CREATE TABLE t (a)") }
        await database.close()
        let error = await #expect(throws: DatabaseError.self) { try await count(database) }
        #expect(error?.code == .closed)
        #expect(fileSize(folder.file("db-wal")) == nil)
    }

    @Test("a cancelled read is interrupted")
    func cancellation() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let (started, signal) = AsyncStream<Void>.makeStream()
        let endless = Task {
            try await database.read { connection in
                signal.finish()
                return try connection.first(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
                ) { $0.int(0) }
            }
        }
        for await _ in started {}
        endless.cancel()
        await #expect(throws: CancellationError.self) { try await endless.value }
        #expect(try await database.read { try $0.first("SELECT 1") { $0.int(0) } } == 1)
    }

    @Test("many tasks at once lose nothing")
    func concurrency() async throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try await database.write { try $0.execute("CREATE TABLE t (a)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await database.write { try $0.execute("INSERT INTO t VALUES (?)", number) }
                    _ = try await count(database)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await count(database) == 200)
    }
}

func count(_ database: Database) async throws -> Int {
    try await database.read { try $0.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1 }
}
