import Foundation
import Observability
import Store
import Synchronization
import Testing

@testable import Backup

@Suite("Backups by schedule") struct ScheduleTests {
    private static let hour: Int64 = 3_600_000
    private static let start: Int64 = 1_795_000_000_000

    private final class Clock: Sendable {
        private let now = Mutex(ScheduleTests.start)
        var time: Int64 { now.withLock { $0 } }
        func advance(hours: Int64) { now.withLock { $0 += hours * ScheduleTests.hour } }
    }

    @Test("one is made when it is due, and as many are kept as are wanted") func dueAndKept() async throws {
        try await Scene.with { scene in
            let (store, clock, log) = (try await scene.store(), Clock(), MemoryLog())
            let target = scene.folder + "/backups"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            try scene.write([1], to: target + "/of-somebody-else.txt")
            try scene.write([1], to: target + "/drawbridge-notes.backup")
            let schedule = BackupSchedule(
                store: store, writer: scene.writer, log: log.log(), metrics: Metrics(), clock: { clock.time }
            ) { .init(folder: target, every: 24, keep: 3) }
            var made: [String] = []
            for _ in 0..<6 {
                if let one = try await schedule.makeIfDue() { made.append(one.file) }
                #expect(try await schedule.makeIfDue() == nil, "not twice")
                clock.advance(hours: 23)
                #expect(try await schedule.makeIfDue() == nil, "not early")
                clock.advance(hours: 1)
            }
            #expect(made.count == 6)
            let kept = scene.names("backups").filter { BackupName.time(of: $0) != nil }.map { target + "/" + $0 }
            #expect(kept == Array(made.suffix(3)))
            #expect(scene.names("backups").count == 5, "what is not ours stays")
            let last = try await BackupSchedule.last(in: store)
            #expect(last?.file == made.last)
            #expect(log.events("backup.made").count == 6)
            await store.close()
        }
    }

    @Test("a clock that was put back, and what a kill left, keep no backup from being made") func accidents()
        async throws
    {
        try await Scene.with { scene in
            let (store, clock) = (try await scene.store(), Clock())
            let target = scene.folder + "/backups"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            let schedule = BackupSchedule(
                store: store, writer: scene.writer, log: .silent, metrics: Metrics(), clock: { clock.time }
            ) { .init(folder: target, every: 24, keep: 3) }
            _ = try await schedule.makeIfDue()
            clock.advance(hours: -200)
            #expect(try await schedule.makeIfDue() != nil)
            let remains = target + "/" + BackupName.name(at: clock.time - 5_000) + ".part"
            try FileManager.default.createDirectory(atPath: remains, withIntermediateDirectories: true)
            try scene.write([1, 2], to: remains + "/draft")
            for name in scene.names("backups") where name.hasSuffix(".backup") {
                try FileManager.default.removeItem(atPath: target + "/" + name)
            }
            #expect(try await schedule.makeIfDue() != nil)
            #expect(scene.names("backups").count == 1)
            await store.close()
        }
    }

    @Test("a failure is told without names of files, and tried again") func failures() async throws {
        try await Scene.with { scene in
            let (store, log, metrics) = (try await scene.store(), MemoryLog(), Metrics())
            let schedule = BackupSchedule(store: store, writer: scene.writer, log: log.log(), metrics: metrics) {
                .init(folder: scene.folder + "/secret-place", every: 1, keep: 1)
            }
            let waits = Mutex<[Duration]>([])
            try await schedule.run { duration in
                let count = waits.withLock {
                    $0.append(duration)
                    return $0.count
                }
                if count == 2 { throw CancellationError() }
            }
            #expect(waits.withLock { $0 } == [.seconds(900), .seconds(900)])
            #expect(log.events("backup.failed").count == 2)
            #expect(metrics.text.contains("drawbridge_backup_failures_total 2"))
            #expect(!log.events.contains { LogFormat.json.line($0).contains("secret-place") })
            await store.close()
        }
    }

    @Test("while none are wanted, none are made") func none() async throws {
        try await Scene.with { scene in
            let store = try await scene.store()
            let schedule = BackupSchedule(store: store, writer: scene.writer, log: .silent, metrics: Metrics()) { nil }
            #expect(try await schedule.makeIfDue() == nil)
            await store.close()
        }
    }

    @Test("a name tells its time") func names() {
        #expect(BackupName.name(at: 1_763_735_400_000) == "drawbridge-20251121T143000Z.backup")
        var moment: Int64 = 0
        while moment < 4_102_444_800_000 {
            #expect(BackupName.time(of: BackupName.name(at: moment)) == moment)
            moment += 86_399_000 * 13
        }
        for name in [
            "drawbridge-20251321T143000Z.backup", "drawbridge-2025112T1143000Z.backup", "drawbridge-.backup",
            "drawbridge-20251121T143000Z.backup.part", "x", "drawbridge-20251121T143000Z",
        ] {
            #expect(BackupName.time(of: name) == nil)
        }
    }
}
