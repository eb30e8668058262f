import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// How an operator sees what left Jira, and changes what is copied.
@Suite("Deletions and scope") struct DeletionCommandTests {
    private func change(_ jira: SimulatedJira, _ body: (inout SiteState, SiteState.Hand) -> Void) {
        jira.server.site.change { body(&$0, SiteState.Hand(user: 0, now: jira.server.site.clock.now())) }
    }

    private func issue(_ jira: SimulatedJira, of key: String) throws -> Int {
        let state = jira.state
        let project = try #require(state.projects.first { $0.key == key }?.index)
        return try #require(
            (0..<state.issueCount).first {
                let row = state.row($0)
                return Int(row.project) == project && row.state == .live && state.children(of: $0).isEmpty
                    && row.parent < 0
            })
    }

    @Test("another scope is counted first, asks before it destroys, and leaves nothing of what is out")
    func scope() async throws {
        try await SimulatedJira.lent(.cloud) { jira in
            let word = "zirconquagga"
            let ordinal = try issue(jira, of: "WEB")
            change(jira) { $0.setSummary(ordinal, to: "About the \(word)", by: $1) }
            try await jira.add()
            try await jira.program.run("sync", SimulatedJira.source)
            #expect(try jira.program.dataHolds(word))
            let words = ["source", "scope", SimulatedJira.source]
            let shown = try await jira.program.run(words)
            #expect(shown.status == 0 && shown.output.contains("projects: all"), "\(shown)")

            let narrow = words + ["--project", "OPEN", "--project", "MKT"]
            let counted = try await jira.program.run(narrow + ["--dry-run", "--json"])
            #expect(counted.status == 0, "\(counted)")
            #expect(try counted.json["changed"]?.bool == false)
            let destroyed = try #require(try counted.json["destroy"]?.integer)
            #expect(destroyed > 50)
            let asked = try await jira.program.run(narrow)
            #expect(asked.status == 1 && asked.output.contains("--yes"), "\(asked)")
            #expect(try jira.program.dataHolds(word))
            let done = try await jira.program.run(narrow + ["--yes", "--json"])
            #expect(done.status == 0, "\(done)")
            #expect(try done.json["changed"]?.bool == true)
            #expect(try !jira.program.dataHolds(word))

            let wider = try await jira.program.run(words + ["--all-projects", "--type", "Bug", "--yes"])
            #expect(wider.status == 0, "\(wider)")
            let read = try await jira.program.run("sync", SimulatedJira.source, "--json")
            #expect(read.status == 0, "\(read)")
            let settled = try await jira.program.run(words + ["--type", "Bug", "--dry-run", "--json"])
            #expect(try settled.json["read"]?.integer == 0 && settled.json["destroy"]?.integer == 0, "\(settled)")
            for wrong in [["--since", "yesterday"], ["--project", "WEB", "--all-projects"]] {
                let refused = try await jira.program.run(words + wrong)
                #expect(refused.status == 2, "\(refused)")
            }
        }
    }

    @Test("a deleted issue is removed, told of to the operator alone, and put back from its copy")
    func deletions() async throws {
        try await SimulatedJira.lent(.cloud) { jira in
            try await jira.add()
            try await jira.program.run("sync", SimulatedJira.source)
            let ordinal = try issue(jira, of: "OPEN")
            let key = jira.state.key(of: ordinal)
            change(jira) { $0.deleteIssue(ordinal, by: $1) }
            try await jira.program.run("access", "refresh", SimulatedJira.source)
            let synchronised = try await jira.program.run("sync", SimulatedJira.source, "--json")
            #expect(try synchronised.json["issues"]?["deleted"]?.integer == 1, "\(synchronised)")
            let gone = try await jira.program.run("issue", key)
            #expect(gone.status == 1 && gone.errors.contains("was deleted in Jira"), "\(gone)")
            let hidden = try await jira.program.run("issue", key, "--as", "anonymous")
            #expect(hidden.status == 1 && !hidden.errors.contains("deleted"), "\(hidden)")
            let report = try await jira.program.run("source", "deletions", SimulatedJira.source, "--json")
            #expect(
                try report.json["removedKept"]?.integer == 1 && report.json["graceDays"]?.integer == 30, "\(report)")
            let waiting = try await jira.program.run("source", "confirm-deletions", SimulatedJira.source)
            #expect(waiting.status == 0 && waiting.output.contains("No deletions"), "\(waiting)")
            let back = try await jira.program.run("source", "deletions", SimulatedJira.source, "--restore", key)
            #expect(back.status == 0, "\(back)")
            #expect(try await jira.program.run("issue", key).status == 0)
            let again = try await jira.program.run("source", "deletions", SimulatedJira.source, "--restore", key)
            #expect(again.status == 1, "\(again)")
        }
    }

    @Test("deletions that are too many at once are shown with examples, and removed when somebody says so")
    func confirms() async throws {
        try await SimulatedJira.lent(.cloud) { jira in
            try await jira.add()
            try await jira.program.run("sync", SimulatedJira.source)
            let state = jira.state
            let doomed = (0..<state.issueCount).filter { state.row($0).state == .live && state.row($0).parent < 0 }
            change(jira) { state, hand in for ordinal in doomed.prefix(14) { state.deleteIssue(ordinal, by: hand) } }
            try await jira.program.run("access", "refresh", SimulatedJira.source)
            let run = try await jira.program.run("sync", SimulatedJira.source, "--json")
            #expect(try run.json["issues"]?["deleted"]?.integer == 0, "\(run)")
            let status = try await jira.program.run("status")
            #expect(status.output.contains("confirm-deletions"), "\(status)")
            let words = ["source", "confirm-deletions", SimulatedJira.source]
            let shown = try await jira.program.run(words + ["--json"])
            #expect(try (shown.json["waiting"]?.integer ?? 0) >= 14, "\(shown)")
            #expect(try shown.json["projects"]?[0]?["examples"]?.array?.isEmpty == false)
            let both = try await jira.program.run(words + ["--yes", "--reject"])
            #expect(both.status == 2)
            let removed = try await jira.program.run(words + ["--yes", "--json"])
            #expect(try (removed.json["removed"]?.integer ?? 0) >= 14, "\(removed)")
            let after = try await jira.program.run(words)
            #expect(after.output.contains("No deletions"), "\(after)")
        }
    }
}
