import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// What goes wrong with the data folder: each cause has its words, and what was stored is still there afterwards.
@Suite("When the data folder fails") struct StorageFailureTests {
    /// A small file system of its own in the place of the data folder; only an administrator may mount one.
    static let mayMount: Bool = {
        guard geteuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mount-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = "mount -t tmpfs -o size=64k tmpfs '\(folder.path)' && umount '\(folder.path)'"
        return (try? shell(script)) == 0
    }()

    private static func shell(_ script: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static func mounted(_ program: Program, size: String, _ body: () async throws -> Void) async throws {
        let path = program.dataFolder.path
        try FileManager.default.createDirectory(at: program.dataFolder, withIntermediateDirectories: true)
        try #require(try shell("mount -t tmpfs -o mode=0700,size=\(size) tmpfs '\(path)'") == 0)
        defer { _ = try? shell("umount '\(path)'") }
        try await body()
    }

    @Test(
        "a full disk stops a sync with its own words; with room again the copy ends equal to Jira",
        .enabled(if: mayMount, "needs the right to mount a small file system"))
    func fullDisk() async throws {
        try await SimulatedJira.lent(.cloud, issues: 400) { jira in
            try await Self.mounted(jira.program, size: "2800k") {
                #expect(try await jira.add().status == 0)
                let failed = try await jira.sync()
                #expect(failed.status == 1 && failed.errors.contains("disk"), "\(failed)")
                #expect(failed.errors.contains("full") && failed.errors.contains("Free some disk space"), "\(failed)")
                #expect(!failed.errors.contains("INSERT"), "\(failed)")
                let search = try await jira.program.run("search", jira.tour.word)
                #expect(search.status == 0, "reading goes on: \(search)")
                #expect(try Self.shell("mount -o remount,size=64m '\(jira.program.dataFolder.path)'") == 0)
                let verified = try await jira.program.run("verify")
                #expect(verified.status == 0, "\(verified)")
                let mended = try await jira.sync()
                #expect(mended.status == 0, "\(mended)")
                try await jira.expectCopyEqualsJira()
            }
        }
    }

    @Test("a file that may not grow is a failed write, not the program's death") func fileSizeLimit() async throws {
        try await SimulatedJira.lent(.cloud, issues: 400) { jira in
            #expect(try await jira.add().status == 0)
            // 1,000 blocks of 512 bytes.
            let failed = try await jira.program.shell("ulimit -f 1000; exec \"$DRAWBRIDGE\" sync work")
            #expect(failed.status == 1 && failed.errors.contains("data folder"), "\(failed)")
            #expect(try await jira.program.run("verify").status == 0)
            #expect(try await jira.sync().status == 0)
            try await jira.expectCopyEqualsJira()
        }
    }

    @Test(
        "a read-only data folder refuses writing and still answers",
        .enabled(if: mayMount, "needs the right to mount a small file system"))
    func readOnly() async throws {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            try await Self.mounted(jira.program, size: "64m") {
                try await jira.addAndSync()
                #expect(try Self.shell("mount -o remount,ro '\(jira.program.dataFolder.path)'") == 0)
                let failed = try await jira.sync()
                #expect(failed.status == 1 && failed.errors.contains("may not write"), "\(failed)")
                #expect(failed.errors.contains("--data"), "\(failed)")
                let found = try await jira.program.run("search", jira.tour.word, "--json")
                #expect(try found.json["total"]?.integer == jira.tour.counts.administrator, "\(found)")
                let doctor = try await jira.program.run("doctor")
                #expect(doctor.status == 1 && doctor.output.contains("cannot be written"), "\(doctor)")
                #expect(try Self.shell("mount -o remount,rw '\(jira.program.dataFolder.path)'") == 0)
                #expect(try await jira.sync().status == 0)
            }
        }
    }

    @Test("one program writes at a time, and any number reads meanwhile") func inUse() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            let (started, continuation) = AsyncStream.makeStream(of: Void.self)
            jira.server.faults.add(Fault(.beforeAnswer { continuation.finish() }))
            jira.server.faults.add(Fault(.delay(.seconds(20)), count: nil))
            let running = try jira.program.start(["sync", SimulatedJira.source])
            for await _ in started {}
            let second = try await jira.sync()
            #expect(second.status == 1 && second.errors.contains("in use by another"), "\(second)")
            #expect(second.errors.contains("\(running.id)"), "\(second)")
            #expect(try await jira.program.run("search", jira.tour.word).status == 0)
            running.kill()
            #expect(try await running.outcome().status == 128 + SIGKILL)
            jira.server.faults.removeAll()
            #expect(try await jira.sync().status == 0)
        }
    }

    @Test("a broken database file is told, and a backup puts it right") func broken() async throws {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            try await jira.addAndSync()
            let program = jira.program
            let copy = program.workFolder.appendingPathComponent("copy.sqlite").path
            #expect(try await program.run("backup", copy).status == 0)
            let file = program.dataFolder.appendingPathComponent("drawbridge.sqlite")
            try Data("This is a letter, and not a database, and it is long enough to be read as one.".utf8).write(
                to: file)
            for words in [["search", "x"], ["sync", "work"], ["status"]] {
                let outcome = try await program.run(words)
                #expect(outcome.status == 1 && outcome.errors.contains("not a database"), "\(outcome)")
            }
            let damaged = program.workFolder.appendingPathComponent("damaged").path
            #expect(try await program.run("restore", copy, "--data", damaged).status == 0)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: damaged + "/drawbridge.sqlite"))
            for page in stride(from: 3 * 4_096, to: bytes.count - 4_096, by: 5 * 4_096) {
                bytes.replaceSubrange(page..<page + 512, with: [UInt8](repeating: 0xA5, count: 512))
            }
            try bytes.write(to: URL(fileURLWithPath: damaged + "/drawbridge.sqlite"))
            let verified = try await program.run("verify", "--data", damaged)
            #expect(verified.status == 1 && !(verified.output + verified.errors).isEmpty, "\(verified)")
            let restored = program.workFolder.appendingPathComponent("restored").path
            #expect(try await program.run("restore", copy, "--data", restored).status == 0)
            try FileManager.default.copyItem(
                atPath: program.dataFolder.path + "/secret.key", toPath: restored + "/secret.key")
            #expect(try await program.run("sync", "work", "--data", restored).status == 0)
        }
    }

    @Test("a data folder from a newer program is left alone") func newerSchema() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            let file = jira.program.dataFolder.appendingPathComponent("drawbridge.sqlite").path
            let sql =
                "INSERT INTO migration SELECT 'store', 99, 'from the future', checksum, applied FROM migration LIMIT 1"
            let columns = try await jira.program.shell("sqlite3 '\(file)' '.schema migration'")
            let changed = try await jira.program.shell("sqlite3 '\(file)' \"\(sql)\"")
            try #require(changed.status == 0, "\(columns) \(changed)")
            for words in [["sync", "work"], ["search", "x"]] {
                let outcome = try await jira.program.run(words)
                #expect(outcome.status == 1 && outcome.errors.contains("newer program"), "\(outcome)")
            }
        }
    }

    @Test("without its key file a source asks for its credential, and reading goes on") func lostKey() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            try FileManager.default.removeItem(at: jira.program.dataFolder.appendingPathComponent("secret.key"))
            #expect(try await jira.program.run("search", jira.tour.word).status == 0)
            let failed = try await jira.sync()
            #expect(failed.status == 1 && failed.errors.contains("key"), "\(failed)")
            let words = ["source", "credential", SimulatedJira.source]
            #expect(try await jira.program.run(words + jira.options(jira.credential())).status == 0)
            #expect(try await jira.sync().status == 0)
        }
    }

    @Test("a result that cannot be written is a failure") func fullOutput() async throws {
        try await Program.withDataFolder { program in
            let outcome = try await program.shell("\"$DRAWBRIDGE\" help > /dev/full")
            #expect(outcome.status == 1 && outcome.errors.contains("No space left"), "\(outcome)")
            let missing = try await program.run("search", "x")
            #expect(missing.status == 1 && missing.errors.contains("does not exist"), "\(missing)")
        }
    }
}
