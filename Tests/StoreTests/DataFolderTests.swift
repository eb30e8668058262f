import Foundation
import Store
import Testing

@Suite struct DataFolderTests {
    @Test("a new folder and its key belong to their owner alone")
    func modes() throws {
        let folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("a/b/data"), for: .writing)
        _ = try data.secretKey()
        #expect(try mode(folder.file("a/b/data")) == 0o700)
        #expect(try mode(folder.file("a/b/data/secret.key")) == 0o600)
        #expect(try mode(folder.file("a/b/data/drawbridge.sqlite")) == 0o600)
        #expect(!FileManager.default.fileExists(atPath: folder.file("a/b/data/secret.key.new")))
    }

    @Test("the key is made once")
    func keyStays() throws {
        let folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        #expect(try data.secretKey() == data.secretKey())
    }

    @Test("a key file that is no key is refused", arguments: [0, 5, 33])
    func damagedKey(_ length: Int) throws {
        let folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        try Data(count: length).write(to: URL(fileURLWithPath: folder.file("data/secret.key")))
        let error = #expect(throws: StoreError.self) { try data.secretKey() }
        #expect(error?.code == .folderInvalid)
    }

    @Test("a second writer is refused until the first lets go, readers never are")
    func lock() async throws {
        let folder = try TemporaryFolder()
        var first: DataFolder? = try DataFolder(path: folder.file("data"), for: .writing)
        if let first {
            let store = try await Store(folder: first)
            let error = #expect(throws: StoreError.self) { try DataFolder(path: folder.file("data"), for: .writing) }
            #expect(error?.code == .folderInUse)
            #expect(error?.description.contains("(\(getpid()))") == true)
            let reader = try await Store(folder: try DataFolder(path: folder.file("data"), for: .reading))
            #expect(try await reader.read { try SourceRecords.all(in: $0) }.isEmpty)
            await reader.close()
            await store.close()
        }
        first = nil
        _ = try DataFolder(path: folder.file("data"), for: .writing)
    }

    @Test("reading a folder without data is told apart from an empty answer")
    func missing() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("none"), folder.path] {
            let error = #expect(throws: StoreError.self) { try DataFolder(path: path, for: .reading) }
            #expect(error?.code == .folderMissing)
        }
    }

    @Test("a file in place of the folder is told")
    func fileInPlace() throws {
        let folder = try TemporaryFolder()
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("data")))
        for path in [folder.file("data"), folder.file("data/inner")] {
            let error = #expect(throws: StoreError.self) { try DataFolder(path: path, for: .writing) }
            #expect(error?.code == .folderInvalid)
        }
    }

    @Test("a place where nothing can be written is told")
    func readOnly() throws {
        let path = "/proc/drawbridge"
        let error = #expect(throws: StoreError.self) { try DataFolder(path: path, for: .writing) }
        #expect(error?.code == .folderReadOnly || error?.code == .folderMissing)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
