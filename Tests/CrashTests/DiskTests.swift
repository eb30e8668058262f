import Database
import FastJSON
import Foundation
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

/// The built program on a disk that fails: the right words and exit code, nothing lost, and it works again afterwards.
@Suite(
    "A disk that fails below the program",
    .enabled(if: FileManager.default.fileExists(atPath: DataCopy.suddenDeath), "libSuddenDeath.so is not built"))
struct DiskTests {
    static let site = SiteConfiguration(flavour: .cloud, seed: 8, issueCount: 90, averageIssueBytes: 900)

    struct Failing: CustomTestStringConvertible, Sendable {
        var manner: DiskPlan.Manner
        /// What the message must say.
        var words: [String]
        var testDescription: String { manner.rawValue }
    }

    @Test(
        "a write that fails at any point of a sync is told with its remedy, reading goes on, and the next run mends it",
        arguments: [
            Failing(manner: .full, words: ["disk is full", "Free some"]),
            Failing(manner: .errors, words: ["Check the disk"]),
        ])
    func failing(_ example: Failing) async throws {
        try await Scene.lent(Self.site) { scene in
            let prepared = try await scene.added("prepared")
            let undisturbed = try prepared.copied(as: "undisturbed")
            let calls = try await undisturbed.diskCalls { try await undisturbed.run(["sync", Scene.source], disk: $0) }
            var random = SeededRandom(seed: 4)
            for _ in 0..<5 {
                let copy = try prepared.copied(as: "tried")
                let plan = DiskPlan(example.manner, at: random.within(1...calls))
                let failed = try await copy.run(["sync", Scene.source], disk: plan)
                let told = "from disk call \(plan.at) of \(calls)"
                if failed.status == 1 {
                    for word in example.words { #expect(failed.errors.contains(word), "\(told): \(failed)") }
                    #expect(!failed.errors.contains("INSERT"), "our own SQL is nobody's business: \(failed)")
                } else {
                    // All that was left to do was to tidy up.
                    #expect(failed.status == 0, "\(told): \(failed)")
                    try await copy.expectEqualsJira(told)
                }
                let reading = try await copy.run(["search", "anything"])
                #expect(reading.status == 0, "\(told): \(reading)")
                try await copy.succeed(["sync", Scene.source])
                try await copy.expectEqualsJira(told)
            }
        }
    }

    @Test("a disk that became read-only refuses writing in the words for it, and reading goes on")
    func readOnly() async throws {
        try await Scene.lent(Self.site) { scene in
            let copy = try await scene.added("data")
            try await copy.succeed(["sync", Scene.source])
            let plan = DiskPlan(.readonly, at: 0)
            let failed = try await copy.run(["sync", Scene.source], disk: plan)
            #expect(failed.status == 1 && failed.errors.contains("may not write"), "\(failed)")
            for words in [["search", "anything"], ["status"], ["verify"]] {
                let outcome = try await copy.run(words, disk: plan)
                #expect(outcome.status == 0, "\(words): \(outcome)")
            }
            try await copy.succeed(["sync", Scene.source])
            try await copy.expectEqualsJira("afterwards")
        }
    }

    @Test("while another program holds the database, a sync says so after a few seconds; then it works again")
    func locked() async throws {
        try await Scene.lent(Self.site) { scene in
            let copy = try await scene.added("data")
            try await copy.succeed(["sync", Scene.source])
            // Any program that knows SQLite: it does not take Drawbridge's own lock.
            let other = try OldSchema.database(copy.database)
            try await other.maintain { try $0.executeScript("BEGIN IMMEDIATE") }
            let failed = try await copy.run(["sync", Scene.source])
            #expect(failed.status == 1 && failed.errors.contains("Another program is writing"), "\(failed)")
            let reading = try await copy.run(["search", "anything"])
            #expect(reading.status == 0, "\(reading)")
            try await other.maintain { try $0.executeScript("ROLLBACK") }
            await other.close()
            try await copy.succeed(["sync", Scene.source])
            try await copy.expectEqualsJira("afterwards")
        }
    }

    /// What becomes of the write-ahead log that a killed program left.
    enum Log: String, CaseIterable, CustomTestStringConvertible {
        case gone = "the log is gone"
        case goneWithItsIndex = "log and its index are gone"
        case indexGone = "the log's index is gone"
        case cut = "the log is cut short"
        case overwritten = "a part of the log is overwritten"
        var testDescription: String { rawValue }

        /// Without a log that was being copied into the database, the database is in pieces: told, and not mended.
        var mayBreak: Bool { self == .gone || self == .goneWithItsIndex }

        func apply(to copy: DataCopy, _ random: inout SeededRandom) throws {
            let (log, index) = (copy.database + "-wal", copy.database + "-shm")
            func remove(_ path: String) throws {
                if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            }
            switch self {
            case .gone: try remove(log)
            case .goneWithItsIndex:
                try remove(log)
                try remove(index)
            case .indexGone: try remove(index)
            case .cut, .overwritten:
                guard var bytes = FileManager.default.contents(atPath: log), bytes.count > 64 else { return }
                let place = random.within(32...bytes.count - 1)
                if self == .cut {
                    bytes.removeLast(bytes.count - place)
                } else {
                    let end = min(bytes.count, place + 512)
                    bytes.replaceSubrange(place..<end, with: Data(repeating: 0xA5, count: end - place))
                }
                try bytes.write(to: URL(fileURLWithPath: log))
                // As after a restart of the machine: what was in memory is gone.
                try remove(index)
            }
        }
    }

    @Test("what a lost or damaged log held is read again, or the damage is told", arguments: Log.allCases)
    func log(_ what: Log) async throws {
        try await Scene.lent(Self.site) { scene in
            let prepared = try await scene.added("prepared")
            let undisturbed = try prepared.copied(as: "undisturbed")
            let calls = try await undisturbed.diskCalls { try await undisturbed.run(["sync", Scene.source], disk: $0) }
            var random = SeededRandom(seed: 21)
            for _ in 0..<3 {
                let copy = try prepared.copied(as: "tried")
                let plan = DiskPlan(.before, at: random.within(calls / 4...calls))
                let killed = try await copy.run(["sync", Scene.source], disk: plan)
                #expect(killed.wasKilled, "\(killed)")
                try what.apply(to: copy, &random)
                let told = "\(what.rawValue), killed before disk call \(plan.at)"
                let verified = try await copy.run(["verify"])
                if what.mayBreak, verified.status == 1 {
                    #expect(verified.errors.contains("Restore the data folder from a backup"), "\(told): \(verified)")
                    continue
                }
                #expect(verified.status == 0, "\(told): \(verified)")
                try await copy.succeed(["sync", Scene.source])
                try await copy.expectEqualsJira(told)
            }
        }
    }
}
