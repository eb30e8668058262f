import Database
import Foundation
import Store
import Workspace

@testable import Backup

/// A data folder of its own for each test, removed afterwards.
struct Scene {
    let folder: String
    var data: String { folder + "/data" }

    static let migrations = AllSteps.migrations

    static func with(_ body: (Scene) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("backup-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(Scene(folder: folder))
    }

    func store(_ name: String = "data") async throws -> Store {
        try await Store(
            folder: DataFolder(path: folder + "/" + name, for: .writing), migrations: Workspace.migrations)
    }

    /// Fills the data folder with so many members, and closes it.
    func fill(members: Int) async throws {
        let store = try await store()
        try await store.write { context in
            for number in 0..<members {
                try context.connection.execute(
                    "INSERT INTO member (email, name, role, email_verified, state, added) VALUES (?, 'N', 'member', 0, 'active', 0)",
                    "m\(number)@example.com")
            }
        }
        _ = try store.secretKey()
        await store.close()
    }

    /// A database of webhooks' hints beside the main one.
    func inbox() async throws -> Database {
        let database = try Database(path: data + "/inbox.sqlite")
        try await database.write { try $0.execute("CREATE TABLE IF NOT EXISTS hint (id INTEGER PRIMARY KEY)") }
        return database
    }

    var writer: BackupWriter { BackupWriter(dataFolder: data, program: "0.1.0") }

    func reader(_ file: String) -> BackupReader { BackupReader(path: file, migrations: Self.migrations) }

    func bytes(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file))) }

    func write(_ bytes: [UInt8], to file: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file)) }

    func names(_ name: String) -> [String] { Disk.names(in: folder + "/" + name) }
}
