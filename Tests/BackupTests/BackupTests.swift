import Cryptography
import Database
import FastJSON
import Foundation
import Store
import Testing

@testable import Backup

@Suite("Backups") struct BackupTests {
    @Test("what is restored is what was there, and the manifest says so") func roundTrip() async throws {
        try await Scene.with { scene in
            try await scene.fill(members: 30)
            let inbox = try await scene.inbox()
            try await inbox.write { try $0.execute("INSERT INTO hint (id) VALUES (7)") }
            await inbox.close()
            let key = try DataFolder(path: scene.data, for: .reading).secretKey()
            let file = scene.folder + "/copy.backup"
            let made = try await scene.writer.write(to: file, key: key, at: 1_800_000_000_000)
            #expect(made.counts["member"] == 30 && made.schema["store"] == 3 && made.program == "0.1.0")
            #expect(made.files.map(\.name) == ["inbox.sqlite", "drawbridge.sqlite"])
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let (whole, secret) = (Data(try scene.bytes(file)), Data(key.withBytes { $0 }))
            #expect(whole.range(of: secret) == nil, "the key is not in the backup")

            let checked = try await scene.reader(file).verify(.everything(temporary: scene.folder), key: key)
            #expect(checked.manifest == made && checked.isKeyRight == true)
            let withOther = try await scene.reader(file).verify(.bytes, key: SecretKey())
            #expect(withOther.isKeyRight == false)

            let other = scene.folder + "/other"
            let folder = try DataFolder(path: other, for: .writing)
            let restored = try await scene.reader(file).restore(into: other, key: nil)
            #expect(restored.manifest == made && restored.isKeyRight == nil)
            #expect(scene.names("other") == ["drawbridge.lock", "drawbridge.sqlite", "inbox.sqlite"])
            withExtendedLifetime(folder) {}
            try await DatabaseFacts.with(other + "/drawbridge.sqlite") { database in
                let counts = try await database.read { try DatabaseFacts.counts(in: $0) }
                #expect(counts == made.counts)
            }
            try await DatabaseFacts.with(other + "/inbox.sqlite") { database in
                let hints = try await database.read { try $0.rows("SELECT id FROM hint") { $0.int(0) } }
                #expect(hints == [7])
            }
            #expect(scene.names("") == ["copy.backup", "data", "other"], "nothing is left over")
        }
    }

    @Test("a restore that was broken off between its files is done again, and data that are there stay")
    func brokenOff() async throws {
        try await Scene.with { scene in
            try await scene.fill(members: 3)
            await (try await scene.inbox()).close()
            let file = scene.folder + "/copy.backup"
            let made = try await scene.writer.write(to: file, key: nil, at: 1_800_000_000_000)
            let other = scene.folder + "/other"
            let folder = try DataFolder(path: other, for: .writing)
            try scene.write([1, 2, 3], to: other + "/inbox.sqlite")
            #expect(try await scene.reader(file).restore(into: other, key: nil).manifest == made)
            #expect(scene.names("other") == ["drawbridge.lock", "drawbridge.sqlite", "inbox.sqlite"])
            await #expect(throws: BackupError.self) { try await scene.reader(file).restore(into: other, key: nil) }
            withExtendedLifetime(folder) {}
        }
    }

    @Test("a backup is one moment of the database, whatever is written meanwhile") func consistent() async throws {
        try await Scene.with { scene in
            let store = try await scene.store()
            try await store.write {
                try $0.connection.executeScript("CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<200 {
                        try await store.write {
                            try $0.connection.execute("INSERT INTO a VALUES (?)", number)
                            try $0.connection.execute("INSERT INTO b VALUES (?)", number)
                        }
                    }
                }
                for number in 0..<5 {
                    let file = scene.folder + "/\(number).backup"
                    _ = try await scene.writer.write(to: file, key: nil, at: 0)
                    let other = scene.folder + "/restored-\(number)"
                    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
                    _ = try await scene.reader(file).restore(into: other, key: nil)
                    try await DatabaseFacts.with(other + "/drawbridge.sqlite") { database in
                        let (a, b) = try await database.read { connection in
                            (
                                try connection.rows("SELECT n FROM a") { $0.int(0) },
                                try connection.rows("SELECT n FROM b") { $0.int(0) }
                            )
                        }
                        #expect(a == b && a == Array(0..<a.count))
                    }
                }
                try await group.waitForAll()
            }
            await store.close()
        }
    }

    @Test("what goes from the inbox to the main database meanwhile is in one of the copies") func handedOver()
        async throws
    {
        try await Scene.with { scene in
            let store = try await scene.store()
            try await store.write { try $0.connection.execute("CREATE TABLE waiting (id INTEGER PRIMARY KEY)") }
            let inbox = try await scene.inbox()
            try await inbox.write { connection in
                for number in 0..<400 { try connection.execute("INSERT INTO hint (id) VALUES (?)", number) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<400 {
                        try await store.write {
                            try $0.connection.execute("INSERT INTO waiting (id) VALUES (?)", number)
                        }
                        try await inbox.write { try $0.execute("DELETE FROM hint WHERE id = ?", number) }
                    }
                }
                for number in 0..<5 {
                    let file = scene.folder + "/\(number).backup"
                    _ = try await scene.writer.write(to: file, key: nil, at: 0)
                    let other = scene.folder + "/restored-\(number)"
                    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
                    _ = try await scene.reader(file).restore(into: other, key: nil)
                    let waiting = try await DatabaseFacts.with(other + "/drawbridge.sqlite") { database in
                        try await database.read { try $0.rows("SELECT id FROM waiting") { $0.int(0) } }
                    }
                    let hints = try await DatabaseFacts.with(other + "/inbox.sqlite") { database in
                        try await database.read { try $0.rows("SELECT id FROM hint") { $0.int(0) } }
                    }
                    #expect(Set(waiting).union(hints) == Set(0..<400))
                }
                try await group.waitForAll()
            }
            await inbox.close()
            await store.close()
        }
    }

    @Test("a byte that changed is found, wherever it is") func damage() async throws {
        try await Scene.with { scene in
            try await scene.fill(members: 3)
            let file = scene.folder + "/copy.backup"
            let manifest = try await scene.writer.write(to: file, key: nil, at: 0)
            let whole = try scene.bytes(file)
            // The manifest's own words (a count, a version) are not summed up: only the bytes of its header and of the files.
            let start = whole.count - 1_024 - Int(manifest.bytes) - Archive.padding(manifest.bytes) - 512
            let places = [0, 100, 130, 150, 257, start, start + 130, start + 512, start + 30_000, whole.count - 1_025]
            for place in places {
                var changed = whole
                changed[place] ^= 0x41
                try scene.write(changed, to: file)
                await #expect(throws: BackupError.self, "byte \(place) of \(whole.count)") {
                    _ = try await scene.reader(file).verify(.bytes)
                }
            }
            for length in [0, 511, 512, 600, start, start + 512, start + 70_000, whole.count - 1_030] {
                try scene.write(Array(whole.prefix(length)), to: file)
                await #expect(throws: BackupError.self, "cut at \(length) of \(whole.count)") {
                    _ = try await scene.reader(file).verify(.bytes)
                }
            }
            try scene.write(whole, to: file)
            _ = try await scene.reader(file).verify(.bytes)
        }
    }

    @Test("a restore that fails leaves the folder as empty as it was, and never writes over data") func refusals()
        async throws
    {
        try await Scene.with { scene in
            try await scene.fill(members: 3)
            let file = scene.folder + "/copy.backup"
            _ = try await scene.writer.write(to: file, key: nil, at: 0)
            var code = await failure { _ = try await scene.reader(file).restore(into: scene.data, key: nil) }
            #expect(code == .notEmpty)
            code = await failure { _ = try await scene.writer.write(to: file, key: nil, at: 0) }
            #expect(code == .exists)

            let other = scene.folder + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            var bytes = try scene.bytes(file)
            bytes[bytes.count - 5_000] ^= 1
            try scene.write(bytes, to: file + "2")
            code = await failure { _ = try await scene.reader(file + "2").restore(into: other, key: nil) }
            #expect(code == .damaged && scene.names("other").isEmpty)
            try scene.write(Array("not a database at all, but a text".utf8), to: file + "3")
            code = await failure { _ = try await scene.reader(file + "3").restore(into: other, key: nil) }
            #expect(code != nil && scene.names("other").isEmpty)
            code = await failure { _ = try await scene.reader(scene.folder + "/none").restore(into: other, key: nil) }
            #expect(code == .file)
            _ = try await scene.reader(file).restore(into: other, key: nil)
        }
    }

    @Test("a plain database, as earlier versions wrote, is restored too") func plain() async throws {
        try await Scene.with { scene in
            try await scene.fill(members: 4)
            let file = scene.folder + "/copy.sqlite"
            try await DatabaseFacts.with(scene.data + "/drawbridge.sqlite") { try await $0.backup(to: file) }
            let other = scene.folder + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            let found = try await scene.reader(file).restore(into: other, key: nil)
            #expect(found.manifest == nil && found.counts["member"] == 4)
        }
    }

    @Test("a backup of a newer program is refused by name") func newer() async throws {
        try await Scene.with { scene in
            try await scene.fill(members: 1)
            let file = scene.folder + "/copy.backup"
            _ = try await scene.writer.write(to: file, key: nil, at: 0)
            let old = BackupReader(path: file, migrations: Array(Scene.migrations.prefix(2)))
            var code = await failure { _ = try await old.verify(.everything(temporary: scene.folder)) }
            #expect(code == .newer)
            code = await failure {
                _ = try BackupManifest(
                    parsing: Array(#"{"format":"drawbridge-backup","version":2,"program":"9"}"#.utf8))
            }
            #expect(code == .newer)
        }
    }

    @Test("the manifest reads back what it writes, and nothing else") func manifest() throws {
        let manifest = BackupManifest(
            program: "1.2", made: 5, schema: ["store": 3], counts: ["issue": 9],
            files: [.init(name: "drawbridge.sqlite", bytes: 1 << 40, sha256: "00")], keyFingerprint: "ab")
        var json = JSONWriter()
        manifest.write(to: &json)
        #expect(try BackupManifest(parsing: json.bytes) == manifest)
        for text in [
            "", "[]", "{}", #"{"format":"other","version":1}"#,
            json.text.replacing(#""bytes":1"#, with: #""bytes":-1"#),
        ] {
            #expect(throws: BackupError.self) { try BackupManifest(parsing: Array(text.utf8)) }
        }
    }

    @Test(
        "a file of any size has a header that says so",
        arguments: [0, 1, 511, (1 << 33) - 1, 1 << 33, 1 << 45] as [Int64])
    func headers(_ size: Int64) throws {
        let entry = Archive.Entry(name: "drawbridge.sqlite", size: size)
        let block = Archive.header(entry, time: 1_800_000_000)
        #expect(block.count == 512)
        #expect(try Archive.entry(block) == entry)
        #expect((size + Int64(Archive.padding(size))) % 512 == 0)
    }

    private func failure(_ body: () async throws -> Void) async -> BackupError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? BackupError)?.code
        }
    }
}
