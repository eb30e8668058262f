import Database
import Foundation
import Simulation
import Testing

@Suite struct FaultyDiskTests {
    private static func withDatabase(_ body: (Database, FaultyDisk, String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "drawbridge-disk-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let disk = FaultyDisk()
        var options = Database.Options(execution: .inline)
        options.onOpen = { try disk.install(on: $0) }
        let database = try Database(path: path, options: options)
        try await database.write { try $0.execute("CREATE TABLE t (a BLOB)") }
        try await body(database, disk, path)
        await database.close()
    }

    private static let insert = "INSERT INTO t VALUES (zeroblob(60000))"
    private static func count(_ database: Database) async throws -> Int {
        try await database.read { try $0.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1 }
    }

    @Test("a write that fails undoes its transaction, and the next one succeeds", arguments: FaultyDisk.Fault.allCases)
    func fails(_ fault: FaultyDisk.Fault) async throws {
        try await Self.withDatabase { database, disk, _ in
            try await database.write { try $0.execute(Self.insert) }
            for skip in 0..<12 {
                disk.fail(fault, after: skip, count: 1)
                await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute(Self.insert) }
                }
                disk.heal()
                #expect(try await Self.count(database) == 1)
            }
            #expect(disk.failures == 12)
            try await database.write { try $0.execute(Self.insert) }
            #expect(try await Self.count(database) == 2)
            #expect(try await database.integrityProblems().isEmpty)
        }
    }

    @Test("nothing arrives on a disk whose process is gone, and what was there is there for the next")
    func leaves() async throws {
        try await Self.withDatabase { database, disk, path in
            try await database.write { try $0.execute(Self.insert) }
            disk.leave()
            await #expect(throws: DatabaseError.self) { try await database.write { try $0.execute(Self.insert) } }
            await database.close()
            let next = try Database(path: path, options: .init(execution: .inline))
            #expect(try await Self.count(next) == 1)
            #expect(try await next.integrityProblems().isEmpty)
            await next.close()
        }
    }
}
