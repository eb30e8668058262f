import FastJSON
import JiraSimulator
import SimulatedSite
import Testing

/// What the program says and does about differences between what is shown and what Jira shows.
@Suite("access audit") struct AccessAuditTests {
    private static let finding = Shape.object([
        "account": .string, "issue": .id, "key?": .string, "kind": .oneOf(["too_much", "too_little"]),
        "explanation": .string, "found": .time, "lastSeen": .time, "resolved?": .time,
    ])
    private static let shape = Shape.object([
        "source": .string, "pairs": .integer, "accounts": .integer, "issues": .integer, "parts": .integer,
        "requests": .integer, "tooMuch": .integer, "tooLittle": .integer, "withheld": .array(.id), "gone": .array(.id),
        "released": .array(.id), "resolved": .integer,
        "coverage?": .object([
            "pairs": .integer, "of": .integer, "accounts": .integer, "issues": .integer, "since": .time,
            "rounds": .integer,
        ]), "findings": .array(finding), "lastMismatch?": finding,
        "unchecked": .array(.object(["code": .string, "message": .string, "account?": .string])),
    ])

    @Test("what Jira no longer shows to somebody is hidden and told, until both agree") func mismatch() async throws {
        try await SimulatedJira.lent(.cloud, issues: 30) { jira in
            try await jira.addAndSync()
            let (program, name, developer) = (jira.program, SimulatedJira.source, jira.tour.developer)
            let agreed = try await program.run("access", "audit", name, "--json", "--pairs", "1000000")
            #expect(agreed.status == 0, "\(agreed)")
            #expect(Self.shape.problems(try agreed.json) == [], "\(agreed)")
            let told = try agreed.json
            #expect(told["tooMuch"]?.integer == 0 && told["unchecked"]?.array?.isEmpty == true, "\(agreed)")
            #expect(told["coverage"]?["of"] == told["coverage"]?["pairs"], "\(agreed)")

            let seen = try await jira.seen(as: jira.identity(developer)).issues
            jira.server.site.change { state in
                for group in state.groups.indices {
                    state.setMembers(group, to: state.groups[group].members.filter { $0 != developer.index })
                }
            }
            let wrong = try await program.run("access", "audit", name)
            #expect(wrong.status == 1 && wrong.output.contains("Hidden now"), "\(wrong)")
            #expect(wrong.output.contains("shown here and not in Jira"), "\(wrong)")
            let after = try await program.run("access", "audit", name, "--json")
            #expect(after.status == 1, "\(after)")
            #expect(Self.shape.problems(try after.json) == [], "\(after)")
            let kept = try await jira.seen(as: jira.identity(developer)).issues
            #expect(kept == seen.intersection(jira.truth(.user(developer.index)).issues) && kept != seen)

            let refreshed = try await program.run("access", "refresh", name, "--everything")
            #expect(refreshed.status == 0, "\(refreshed)")
            let again = try await program.run("access", "audit", name)
            #expect(again.status == 0 && again.output.contains("Shown again, both agree"), "\(again)")
            #expect(again.output.contains("is resolved"), "\(again)")
            let everything = try await jira.seen(as: jira.identity(jira.tour.administrator)).issues
            #expect(everything == jira.truth(.user(jira.tour.administrator.index)).issues)
        }
    }

    @Test("what could not be compared is said, with an exit code of its own") func unchecked() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.addAndSync()
            jira.server.faults.add(Fault(.status(403), path: "permissions/check", count: nil))
            let refused = try await jira.program.run("access", "audit", SimulatedJira.source, "--json")
            #expect(refused.status == 5, "\(refused)")
            #expect(Self.shape.problems(try refused.json) == [], "\(refused)")
            #expect(try refused.json["unchecked"]?[0]?["code"]?.string == "permission_missing")
            let page = try await jira.program.run("access", "audit", SimulatedJira.source)
            #expect(page.status == 5 && page.output.contains("Not compared"), "\(page)")
        }
        try await SimulatedJira.lent(.dataCenter, issues: 20) { jira in
            try await jira.addAndSync()
            let nobody = try await jira.program.run("access", "audit", SimulatedJira.source)
            #expect(nobody.status == 5 && nobody.output.contains("member link"), "\(nobody)")
            #expect(try await jira.program.run("access", "audit", SimulatedJira.source, "--pairs", "0").status == 2)
            #expect(try await jira.program.run("access", "audit", "nowhere").status == 1)
        }
    }
}
