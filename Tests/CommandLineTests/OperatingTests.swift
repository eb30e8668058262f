import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

@Suite("Operating") struct OperatingTests {
    @Test("a setting is set, shown with its origin, overruled by the environment, and unset") func settings()
        async throws
    {
        try await Program.withDataFolder { program in
            let before = try await program.run("settings", "list", "--json")
            #expect(try before.json["settings"]?.array?.count ?? 0 > 10, "\(before)")
            let set = try await program.run("settings", "set", "backup.keep", "3")
            #expect(set.status == 0 && set.output.contains("backup.keep is 3"), "\(set)")
            func keep(_ environment: [String: String] = [:]) async throws -> (String?, String?) {
                let list = try await program.run("settings", "list", "--json", environment: environment)
                let one = try list.json["settings"]?.array?.first { $0["name"]?.string == "backup.keep" }
                return (one?["value"]?.string, one?["origin"]?.string)
            }
            #expect(try await keep() == ("3", "database"))
            #expect(try await keep(["DRAWBRIDGE_BACKUP_KEEP": "5"]) == ("5", "environment"))
            #expect(try await program.run("settings", "unset", "backup.keep").status == 0)
            #expect(try await keep() == ("7", "default"))
            for words in [["backup.keep", "0"], ["no.such", "1"], ["secret", "x"], ["log.level", "debug"]] {
                let refused = try await program.run(["settings", "set"] + words)
                #expect(refused.status == 2, "\(refused)")
            }
            let wrong = try await program.run("status", environment: ["DRAWBRIDGE_LOG": "loud"])
            #expect(wrong.status == 2 && wrong.errors.contains("DRAWBRIDGE_LOG"), "\(wrong)")
        }
    }

    @Test("a backup is a file that tar reads, is checked, and a damaged one is refused") func backup() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            let program = jira.program
            let file = program.workFolder.appendingPathComponent("copy.backup").path
            let made = try await program.run("backup", file, "--json")
            #expect(try made.json["counts"]?["source"]?.integer == 1, "\(made)")
            let listed = try await program.shell("tar -tf '\(file)'")
            #expect(listed.output == "manifest.json\ndrawbridge.sqlite\n", "\(listed)")
            #expect(try await program.run("backup", "--verify", file).status == 0)
            #expect(try await program.run("doctor").output.contains("The last backup is 0 hours old"))
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: file))
            let damaged = try await program.run("backup", "--verify", file)
            #expect(damaged.status == 1 && damaged.errors.contains("damaged"), "\(damaged)")
            let refused = try await program.run("restore", file, "--data", program.workFolder.path + "/other")
            #expect(refused.status == 1 && refused.errors.contains("damaged"), "\(refused)")
        }
    }

    @Test("tables of this version need no migration; a dry run says so") func migrate() async throws {
        try await Program.withDataFolder { program in
            #expect(try await program.run("migrate", "--dry-run").status == 1, "no data yet")
            #expect(try await program.run("settings", "set", "backup.keep", "3").status == 0)
            let dry = try await program.run("migrate", "--dry-run")
            #expect(dry.status == 0 && dry.output.contains("nothing to do"), "\(dry)")
            // A step of this version is taken away, as an older version would have it.
            let file = program.dataFolder.appendingPathComponent("drawbridge.sqlite").path
            let older = try await program.shell(
                """
                sqlite3 '\(file)' "DROP TABLE audit_event; DELETE FROM migration WHERE component = 'audit_trail'"
                """)
            #expect(older.status == 0, "\(older)")
            let rehearsed = try await program.run("migrate", "--dry-run")
            #expect(rehearsed.status == 0 && rehearsed.output.contains("It would work: 1 step"), "\(rehearsed)")
            let done = try await program.run("settings", "set", "backup.keep", "4")
            #expect(done.status == 0 && done.errors.contains("before-upgrade-"), "\(done)")
            #expect(try await program.run("migrate").output.contains("nothing to do"))
            let copies = try FileManager.default.contentsOfDirectory(atPath: program.dataFolder.path)
                .filter { $0.hasPrefix("before-upgrade-") }
            #expect(copies.count == 1)
        }
    }

    @Test("neither logs nor metrics hold a word of an issue, a secret or a name of a person") func nothingTold()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            let program = jira.program
            let log = program.workFolder.appendingPathComponent("log").path
            let environment = [
                "DRAWBRIDGE_LOG": "debug", "DRAWBRIDGE_LOG_FORMAT": "json",
                "DRAWBRIDGE_METRICS_FILE": program.workFolder.appendingPathComponent("metrics").path,
            ]
            #expect(try await jira.add().status == 0)
            var told = ""
            for words in [
                ["sync", SimulatedJira.source], ["search", jira.tour.word],
                ["access", "refresh", SimulatedJira.source],
                ["access", "audit", SimulatedJira.source], ["sync", SimulatedJira.source, "--full"],
                ["backup", log + ".backup"], ["sync", "no-such-source"],
            ] {
                told += try await program.run(words, environment: environment).errors
            }
            told += (try? String(contentsOfFile: environment["DRAWBRIDGE_METRICS_FILE"] ?? "", encoding: .utf8)) ?? ""
            #expect(told.contains("access.refreshed") && told.contains("drawbridge_issues"), "something was told")
            let exported = try await program.run("export", "issues")
            var checked = 0
            for issue in try exported.jsonLines {
                let texts =
                    [issue["summary"]?.string, issue["descriptionMarkdown"]?.string]
                    + (issue["comments"]?.array ?? []).map { $0["markdown"]?.string }
                for text in texts.compactMap({ $0 }) where text.count >= 12 {
                    checked += 1
                    #expect(!told.contains(text.prefix(40)), "\(text.prefix(40))")
                }
                for name in [issue["assignee"], issue["reporter"]].compactMap({ $0?["displayName"]?.string }) {
                    #expect(!told.contains(name), "\(name)")
                }
            }
            #expect(checked > 60)
            #expect(!told.contains(try jira.credential().secret))
        }
    }
}
