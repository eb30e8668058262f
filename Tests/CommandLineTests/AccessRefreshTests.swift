import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// Who may see what, read again by hand and by a watching program.
@Suite("Access refresh") struct AccessRefreshTests {
    @Test(
        "access refresh brings changes of groups and rules to every reader without reading issues",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func refresh(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await jira.addAndSync()
            let (developer, who) = (jira.tour.developer, jira.identity(jira.tour.developer))
            let before = try await jira.seen(as: who)
            jira.server.site.change { state in
                let hand = SiteState.Hand(user: 0, now: jira.server.site.clock.now())
                for group in state.groups.indices where state.groups[group].members.contains(developer.index) {
                    let others = state.groups[group].members.filter { $0 != developer.index }
                    state.setMembers(group, to: others, by: hand)
                }
                for project in state.projects.indices {
                    state.setGrants(
                        state.projects[project].permissionScheme, "BROWSE_PROJECTS",
                        to: [.group(0), .reporter, .applicationRole(nil)], by: hand)
                }
            }
            jira.server.log.reset()
            let told = try await jira.program.run("access", "refresh", SimulatedJira.source, "--everything", "--json")
            #expect(told.status == 0, "\(told)")
            #expect(try told.json["changed"]?.bool == true && told.json["failed"]?.integer == 0, "\(told)")
            #expect(try told.json["source"]?.string == SimulatedJira.source)
            // One request for the samples that show levels or restrictions which changed without a trace.
            let reads = jira.server.log.entries.filter { $0.target.contains("/issue/") }
            #expect(reads.count <= 1, "\(reads.map(\.target))")
            let after = try await jira.seen(as: who)
            let stored = try await jira.seen(as: nil)
            let truth = jira.truth(.user(developer.index))
            #expect(after.issues != before.issues)
            #expect(after.issues.isSubset(of: truth.issues) && after.issues.isSubset(of: stored.issues))
            let page = try await jira.program.run("access", "refresh", SimulatedJira.source)
            #expect(page.status == 0 && page.output.contains("no rule changed"), "\(page)")
        }
    }

    @Test("what cannot be read again is told, with the exit code for it") func failures() async throws {
        try await SimulatedJira.lent(.cloud, issues: 30) { jira in
            try await jira.addAndSync()
            let (program, name, who) = (jira.program, SimulatedJira.source, jira.identity(jira.tour.developer))
            jira.server.faults.add(Fault(.status(400), path: "/applicationrole", count: nil))
            let partly = try await program.run("access", "refresh", name)
            #expect(partly.status == 5 && partly.errors.contains("until its lease ends"), "\(partly)")
            #expect(try await !jira.issuesSeen(as: who).isEmpty)
            jira.server.faults.removeAll()
            #expect(try await program.run("access", "refresh", "nosuch").status == 1)
            #expect(try await program.run("access", "refresh").status == 2)
            jira.server.revoke(try jira.credential().secret)
            let refused = try await program.run("access", "refresh", name)
            #expect(refused.status == 3, "\(refused)")
            #expect(try await jira.issuesSeen(as: who).isEmpty)
            jira.server.restore(try jira.credential().secret)
            let restored = try await program.run("access", "refresh", name)
            #expect(restored.status == 0 && restored.output.contains("Shown again"), "\(restored)")
            #expect(try await !jira.issuesSeen(as: who).isEmpty)
        }
    }

    @Test("sync --watch reads who may see what between two runs") func watch() async throws {
        try await SimulatedJira.lent(.cloud, issues: 30) { jira in
            try await jira.addAndSync()
            let who = jira.identity(jira.tour.developer)
            #expect(try await !jira.issuesSeen(as: who).isEmpty)
            let running = try jira.program.start([
                "sync", SimulatedJira.source, "--watch", "--interval", "3600", "--access-interval", "1", "--json",
            ])
            while running.outputSoFar.isEmpty {
                try #require(running.isRunning)
                try await Task.sleep(for: .milliseconds(50))
            }
            jira.server.site.change { state in
                let hand = SiteState.Hand(user: 0, now: jira.server.site.clock.now())
                for scheme in state.permissionSchemes.indices {
                    state.setGrants(scheme, "BROWSE_PROJECTS", to: [.user(0)], by: hand)
                }
            }
            while try await !jira.issuesSeen(as: who).isEmpty {
                try #require(running.isRunning)
                try await Task.sleep(for: .milliseconds(100))
            }
            running.interrupt()
            _ = try await running.outcome()
            let wrong = try await jira.program.run("sync", SimulatedJira.source, "--access-interval", "5")
            #expect(wrong.status == 2 && wrong.errors.contains("--watch"), "\(wrong)")
        }
    }
}
