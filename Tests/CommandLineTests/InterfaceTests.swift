import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// Every command as the documentation describes it, with the documented JSON, on both kinds of Jira.
@Suite("The documented interface") struct InterfaceTests {
    @Test("source, sync, search, issue and access answer as documented", arguments: [SiteFlavour.cloud, .dataCenter])
    func documents(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            let added = try await jira.add(nil, of: nil, "--json")
            #expect(added.status == 0, "\(added)")
            #expect(Shape.checks.problems(try added.json["checks"]) == [])
            #expect(try added.json["source"]?["url"]?.string == jira.server.url)
            #expect(try added.json["source"]?["accessMode"]?.string == "mirror")
            let tested = try await jira.program.run("source", "test", SimulatedJira.source, "--json")
            #expect(Shape.checks.problems(try tested.json["checks"]) == [])
            #expect(tested.status == 0, "\(tested)")

            let synced = try await jira.sync("--json")
            #expect(synced.status == 0, "\(synced)")
            #expect(Shape.sync.problems(try synced.json) == [])
            #expect(try synced.json["finished"]?.bool == true)
            #expect(try synced.json["phase"]?.string == "finished")
            let issues = jira.server.truth(for: .user(jira.tour.administrator.index)).issues.count
            #expect(try synced.json["issues"]?["stored"]?.integer == issues)

            try await checkReading(jira)
            try await checkOperation(jira)
        }
    }

    private func checkReading(_ jira: SimulatedJira) async throws {
        let (program, tour) = (jira.program, jira.tour)
        let found = try await program.run("search", tour.word, "--limit", "2", "--json")
        #expect(Shape.search.problems(try found.json) == [], "\(found)")
        #expect(try found.json["total"]?.integer == tour.counts.administrator)
        #expect(try found.json["hits"]?.array?.count == 2)
        #expect(try found.json["freshness"]?["state"]?.string == "polling")
        let cursor = try #require(try found.json["cursor"]?.string)
        let next = try await program.run("search", tour.word, "--limit", "200", "--cursor", cursor, "--json")
        #expect(try next.json["hits"]?.array?.count == tour.counts.administrator - 2)
        #expect(try next.json["cursor"] == nil)

        let issue = try await program.run("issue", tour.issueKey.lowercased(), "--json")
        #expect(Shape.issue.problems(try issue.json) == [], "\(issue)")
        #expect(try issue.json["key"]?.string == tour.issueKey)
        #expect(try issue.json["url"]?.string == "\(jira.server.url)/browse/\(tour.issueKey)")
        #expect(try issue.json["comments"]?.array?.count == 3)
        let markdown = try await program.run("issue", tour.issueKey, "--markdown")
        #expect(markdown.output.hasPrefix("# \(tour.issueKey) "))

        let visible = try await program.run("access", "visible", "--as", jira.identity(tour.developer), "--json")
        #expect(Shape.accessVisible.problems(try visible.json) == [], "\(visible)")
        #expect(try visible.json["account"]?.string == jira.identity(tour.developer))
        let explained = try await program.run(
            "access", "explain", tour.levelIssueKey, "--as", jira.identity(tour.developer), "--json")
        #expect(Shape.accessExplain.problems(try explained.json) == [], "\(explained)")
        #expect(try explained.json["visible"]?.bool == false)
        #expect(try explained.json["clauses"]?.array?.contains { $0["because"]?.array?.isEmpty == false } == true)
    }

    private func checkOperation(_ jira: SimulatedJira) async throws {
        let program = jira.program
        let count = jira.server.truth(for: .user(jira.tour.administrator.index)).issues.count
        let exported = try await program.run("export", "issues")
        #expect(try exported.jsonLines.count == count)
        #expect(try exported.jsonLines.flatMap { Shape.issue.problems($0) }.prefix(5) == [])
        let csv = try await program.run("export", "issues", "--format", "csv", "--as", "anonymous")
        #expect(csv.status == 0)
        #expect(csv.output.split(whereSeparator: \.isNewline).first?.lowercased().contains("key") == true)
        let status = try await program.run("status", "--json")
        #expect(try status.json["sources"]?[0]?["issues"]?.integer == count)
        let verified = try await program.run("verify", "--json")
        #expect(try verified.json["sound"]?.bool == true, "\(verified)")
        #expect(verified.status == 0)
        let doctor = try await program.run("doctor", "--json")
        #expect(Shape.checks.problems(try doctor.json["checks"]) == [], "\(doctor)")
        try await checkBackup(program)
    }

    private func checkBackup(_ program: Program) async throws {
        let copy = program.workFolder.appendingPathComponent("copy.sqlite").path
        #expect(try await program.run("backup", copy).status == 0)
        let again = try await program.run("backup", copy)
        #expect(again.status == 2 && again.errors.contains("exists"), "\(again)")
        let folder = program.workFolder.appendingPathComponent("restored").path
        let restored = try await program.run("restore", copy, "--data", folder)
        #expect(restored.status == 0, "\(restored)")
        let before = try await program.run("access", "visible", "--json")
        let after = try await program.run("access", "visible", "--json", "--data", folder)
        #expect(Seen(try before.json) == Seen(try after.json))
        let onto = try await program.run("restore", copy)
        #expect(onto.status == 2 && onto.errors.contains("holds data already"), "\(onto)")
        let nonsense = program.workFolder.appendingPathComponent("nonsense")
        try Data("not a database, whatever its name says; long enough to be looked at".utf8).write(to: nonsense)
        let elsewhere = program.workFolder.appendingPathComponent("elsewhere").path
        let refused = try await program.run("restore", nonsense.path, "--data", elsewhere)
        #expect(refused.status == 1 && refused.errors.contains("not a database"), "\(refused)")
        #expect(
            try await program.run("restore", copy, "--data", elsewhere).status == 0, "a failed restore left nothing")
    }

    @Test("a source is listed, paused, resumed, removed, purged and added again")
    func sourceLife() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            let (program, name) = (jira.program, SimulatedJira.source)
            try await jira.addAndSync()
            let twice = try await jira.add()
            #expect(twice.status == 1 && twice.errors.contains("already"), "\(twice)")
            #expect(try await program.run("source", "pause", name).status == 0)
            let paused = try await jira.sync()
            #expect(paused.status == 1 && paused.errors.contains("source resume"), "\(paused)")
            #expect(try await program.run("search", jira.tour.word).output.contains("stopped"))
            #expect(try await program.run("source", "resume", name).status == 0)
            #expect(try await jira.sync("--full").status == 0)
            try await jira.expectCopyEqualsJira()

            #expect(try await program.run("source", "remove", name).status == 0)
            #expect(try await jira.sync().errors.contains("no source named"))
            let hidden = try await program.run("search", jira.tour.word, "--as", "anonymous", "--json")
            #expect(try hidden.json["total"]?.integer == 0, "\(hidden)")
            #expect(try await program.run("source", "remove", name, "--purge").status == 0)
            #expect(try !program.dataHolds("Settlement file is rejected"), "a purge leaves no text on the disk")
            let list = try await program.run("source", "list", "--json")
            #expect(try list.json["sources"]?.array?.isEmpty == true, "\(list)")
            try await jira.addAndSync()
            try await jira.expectCopyEqualsJira()
            let unknown = try await program.run("source", "pause", "nobody")
            #expect(unknown.status == 1 && unknown.errors.contains("source list"), "\(unknown)")
        }
    }

    @Test("the simulated Jira serves both flavours on a port of its own", arguments: ["cloud", "dc"])
    func simulator(_ mode: String) async throws {
        try await Program.withDataFolder { program in
            let running = try program.start(
                ["jira-simulator", "--mode", mode, "--issues", "30", "--context-path", mode == "dc" ? "/jira" : ""])
            var address: Substring?
            while address == nil {
                try await Task.sleep(for: .milliseconds(20))
                address = running.outputSoFar.split(separator: "\n").first?.split(separator: " ").last
            }
            let url = String(try #require(address))
            #expect(url.hasSuffix("/jira") == (mode == "dc"))
            let tested = try await program.run("source", "test", url, "--anonymous", "--json")
            #expect(try tested.json["product"]?.string == (mode == "dc" ? "dataCenter" : "cloud"), "\(tested)")
            running.kill()
            _ = try await running.outcome()
        }
    }

    @Test("the demonstration compares itself with Jira and is equal") func demo() async throws {
        try await Program.withDataFolder { program in
            let folder = program.workFolder.appendingPathComponent("demo").path
            let outcome = try await program.run("demo", "--issues", "60", "--data", folder)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.contains("equal ") && !outcome.output.contains("DIFFERS"))
            #expect(!outcome.output.contains("\u{1B}"))
            let again = try await program.run("demo", "--issues", "60", "--seed", "2", "--data", folder)
            #expect(again.status == 0, "it may empty what it made itself: \(again)")
            try Data().write(to: program.dataFolder.deletingLastPathComponent().appendingPathComponent("mine"))
            let refused = try await program.run("demo", "--data", program.workFolder.path)
            #expect(refused.status == 2, "\(refused)")
        }
    }
}
