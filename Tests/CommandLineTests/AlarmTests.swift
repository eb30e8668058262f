import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// What is heard of it when something would be shown that Jira does not show.
@Suite("Alarms") struct AlarmTests {
    @Test("a difference from Jira is withheld at once and told everywhere, until both agree again") func alarm()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            try await jira.addAndSync()
            let (program, tour, name) = (jira.program, jira.tour, SimulatedJira.source)
            let who = jira.identity(tour.developer)
            let before = try await jira.seen(as: who)
            let metrics = program.workFolder.appendingPathComponent("metrics.prom")
            let quiet = try await program.run("status")
            #expect(!quiet.output.contains("ALARM"), "\(quiet)")

            // Jira takes a right away, and nobody has read the rules since.
            jira.server.site.change { state in
                for project in state.projects.indices {
                    for role in state.projects[project].actors.keys { state.setActors(project, role: role, to: []) }
                }
            }
            let truth = jira.truth(.user(tour.developer.index))
            let lost = before.issues.subtracting(truth.issues)
            try #require(!lost.isEmpty)
            let audited = try await program.run(
                ["access", "audit", name], environment: ["DRAWBRIDGE_METRICS_FILE": metrics.path])
            #expect(audited.status == 1, "\(audited)")
            #expect(audited.errors.contains("access.audit.too_much"), "\(audited)")
            let text = try String(contentsOf: metrics, encoding: .utf8)
            #expect(text.contains("drawbridge_access_too_much{source=\"work\"} "), "\(text)")
            #expect(!text.contains("drawbridge_access_withheld_issues{source=\"work\"} 0\n"), "\(text)")

            let status = try await program.run("status")
            #expect(status.output.hasPrefix("ALARM"), "\(status)")
            let json = try await program.run("status", "--json").json["sources"]?[0]
            #expect(json?["alarms"]?.array?.count == 1)
            #expect(json?["access"]?["audit"]?["lastMismatch"]?["explanation"]?.string?.isEmpty == false)
            let doctor = try await program.run("doctor")
            #expect(doctor.status == 1 && doctor.output.contains("ALARM"), "\(doctor)")
            let seen = try await jira.seen(as: who).issues
            #expect(seen.isDisjoint(with: lost), "what differs is shown to nobody: \(seen.intersection(lost))")
            let issue = try #require(jira.server.site.current().key(ofID: lost.min()))
            let told = try await program.run("access", "explain", issue, "--as", who)
            #expect(told.output.contains("withheld"), "\(told)")

            #expect(try await program.run("access", "refresh", name, "--everything").status == 0)
            let again = try await program.run("access", "audit", name)
            #expect(again.status == 0, "\(again)")
            let after = try await program.run("status")
            #expect(!after.output.contains("ALARM") && after.output.contains("last difference"), "\(after)")
            for person in [tour.developer, tour.administrator] {
                let (seen, truth) = (try await jira.seen(as: jira.identity(person)), jira.truth(.user(person.index)))
                #expect(seen == truth, "\(person.displayName): \(seen.difference(truth))")
            }
        }
    }

    @Test("log lines are written as asked, and hold nothing that people wrote") func log() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            _ = try await jira.add()
            let synced = try await jira.program.run(
                ["sync", SimulatedJira.source],
                environment: ["DRAWBRIDGE_LOG": "info", "DRAWBRIDGE_LOG_FORMAT": "json"])
            let lines = synced.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
            #expect(!lines.isEmpty, "\(synced)")
            for line in lines {
                let event = try JSONValue(parsing: String(line))
                #expect(event["code"]?.string != nil && event["time"]?.string != nil, "\(line)")
                #expect(!line.contains(jira.tour.word) && !line.contains("@"), "\(line)")
            }
        }
    }
}

extension SiteState {
    fileprivate func key(ofID id: Int?) -> String? {
        (0..<issueCount).first { row($0).id == id }.map { key(of: $0) }
    }
}
