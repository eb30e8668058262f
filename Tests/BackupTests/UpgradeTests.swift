import Database
import Foundation
import Store
import Testing

@testable import Backup

@Suite("Upgrades") struct UpgradeTests {
    /// A data folder as a program wrote it that knew only the first steps.
    private func old(_ scene: Scene, steps: Int) async throws {
        _ = try DataFolder(path: scene.data, for: .writing)
        let database = try Database(path: scene.data + "/drawbridge.sqlite")
        try await database.migrate(Array(Scene.migrations.prefix(steps)))
        try await database.write { connection in
            try connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('kept', 'yes')")
        }
        await database.close()
    }

    private func upgrade(_ scene: Scene, knowing steps: Int = Scene.migrations.count) -> Upgrade {
        Upgrade(dataFolder: scene.data, program: "0.2.0", migrations: Array(Scene.migrations.prefix(steps)))
    }

    @Test("from every earlier schema it says what would be done, rehearses it, and does it", arguments: [1, 2, 3])
    func fromEachStep(_ steps: Int) async throws {
        try await Scene.with { scene in
            try await old(scene, steps: steps)
            let before = try scene.bytes(scene.data + "/drawbridge.sqlite")
            let plan = try await upgrade(scene).plan()
            #expect(plan.isNeeded && plan.steps.count == Scene.migrations.count - steps && plan.writtenBy == nil)
            let rehearsal = try await upgrade(scene).rehearse(in: scene.data)
            #expect(rehearsal.steps.count == plan.steps.count && rehearsal.size.after >= rehearsal.size.before)
            #expect(try scene.bytes(scene.data + "/drawbridge.sqlite") == before, "a rehearsal changes nothing")
            #expect(!scene.names("data").contains("rehearsal"))

            try await upgrade(scene).keepCopy(at: 1_800_000_000_000)
            let copy = try #require(try upgrade(scene).settleCopy(at: 1_800_000_000_000))
            let store = try await scene.store()
            #expect(try await store.read { try Settings.value("kept", in: $0) } == "yes")
            try await store.write { try Settings.set(Upgrade.programSetting, "0.2.0", in: $0) }
            await store.close()
            let after = try await upgrade(scene).plan()
            #expect(!after.isNeeded && after.steps.isEmpty && after.writtenBy == "0.2.0")

            // The way back: the copy is what the older program knows.
            let reader = BackupReader(path: copy, migrations: Array(Scene.migrations.prefix(steps)))
            let other = scene.folder + "/back"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            _ = try await reader.restore(into: other, key: nil)
        }
    }

    @Test("a newer program's folder is refused with its version and the way back") func newer() async throws {
        try await Scene.with { scene in
            let store = try await scene.store()
            try await store.write { try Settings.set(Upgrade.programSetting, "9.9.9", in: $0) }
            await store.close()
            try await upgrade(scene).keepCopy(at: 1_800_000_000_000)
            try upgrade(scene).settleCopy(at: 1_800_000_000_000)
            do {
                _ = try await upgrade(scene, knowing: 2).plan()
                Testing.Issue.record("it was not refused")
            } catch let error as BackupError {
                #expect(error.code == .newer)
                for word in ["9.9.9", "0.2.0", "written by a newer program", "before-upgrade-20270115T080000Z.backup"] {
                    #expect(error.message.contains(word), "\(error)")
                }
            }
        }
    }

    @Test("a new folder needs no upgrade, one that is up to date neither") func fresh() async throws {
        try await Scene.with { scene in
            #expect(try await !upgrade(scene).plan().isNeeded)
            await (try scene.store()).close()
            #expect(try await !upgrade(scene).plan().isNeeded)
        }
    }

    @Test("only the newest copy of an upgrade stays, and nothing of one that was cut short") func oneCopy() async throws
    {
        try await Scene.with { scene in
            try await old(scene, steps: 1)
            let remains = scene.data + "/before-upgrade-20200101T000000Z.backup.part"
            try FileManager.default.createDirectory(atPath: remains, withIntermediateDirectories: true)
            try scene.write([1], to: remains + "/draft")
            try await upgrade(scene).keepCopy(at: 1_700_000_000_000)
            try upgrade(scene).settleCopy(at: 1_700_000_000_000)
            try await upgrade(scene).keepCopy(at: 1_800_000_000_000)
            try upgrade(scene).settleCopy(at: 1_800_000_000_000)
            let copies = scene.names("data").filter { $0.hasPrefix("before-upgrade") }
            #expect(copies == ["before-upgrade-20270115T080000Z.backup"])
        }
    }

    @Test("an upgrade that is killed half-way keeps the copy of what was before it") func brokenOff() async throws {
        try await Scene.with { scene in
            try await old(scene, steps: 1)
            try await upgrade(scene).keepCopy(at: 1_800_000_000_000)
            let copy = scene.data + "/before-upgrade-unfinished.backup"
            let before = try scene.bytes(copy)
            // One step more, then the next start, in the same second.
            try await old(scene, steps: 2)
            try await upgrade(scene).keepCopy(at: 1_800_000_000_000)
            #expect(try scene.bytes(copy) == before)
            let kept = try #require(try upgrade(scene).settleCopy(at: 1_800_000_001_000))
            #expect(try scene.bytes(kept) == before)
            #expect(try upgrade(scene).settleCopy(at: 1_800_000_002_000) == nil)
        }
    }

    @Test("a step that fails in the rehearsal is told, and leaves nothing") func failingStep() async throws {
        try await Scene.with { scene in
            try await old(scene, steps: 3)
            let broken = Scene.migrations.prefix(3) + [Migration("store", 4, "broken", sql: "ALTER TABLE none ADD x")]
            let upgrade = Upgrade(dataFolder: scene.data, program: "0.2.0", migrations: Array(broken))
            await #expect(throws: DatabaseError.self) { _ = try await upgrade.rehearse(in: scene.data) }
            #expect(!scene.names("data").contains("rehearsal"))
        }
    }
}
