import FastJSON
import Foundation
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

/// The program dies without warning, as in a loss of power, again and again during its first read.
@Suite("Killed in the middle") struct KillTests {
    struct Case: CustomTestStringConvertible {
        var flavour: SiteFlavour
        var seed: UInt64
        var issues: Int
        /// Issues on a page, where the site has a say.
        var page: Int?
        var testDescription: String { "\(flavour), seed \(seed)" }
    }

    /// Times the first read is killed.
    static let kills = 5

    @Test(
        "after every kill the data is sound and no less; in the end it equals Jira, and little was read twice",
        arguments: [
            Case(flavour: .dataCenter, seed: 1, issues: 500, page: 20),
            Case(flavour: .dataCenter, seed: 2, issues: 500, page: 20),
            Case(flavour: .cloud, seed: 3, issues: 1_400),
        ])
    func firstRead(_ example: Case) async throws {
        let site = SiteConfiguration(
            flavour: example.flavour, seed: example.seed, issueCount: example.issues, averageIssueBytes: 1_000)
        try await SimulatedJira.lent(site, server: { $0.issuePageLimit = example.page }) { jira in
            let whole = try await Self.requestsOfOneRead(jira)
            #expect(try await jira.add().status == 0)
            jira.server.log.reset()
            var random = SeededRandom(seed: example.seed)
            var stored = 0
            for _ in 0..<Self.kills {
                let running = try jira.program.start(["sync", SimulatedJira.source])
                // People and rules come first; issues are most of the rest.
                let (wait, pause) = (random.within(whole.all / 3...whole.all), random.within(0...30))
                jira.server.faults.add(
                    Fault(
                        .beforeAnswer {
                            usleep(UInt32(pause) * 1_000)
                            running.kill()
                        }, skip: wait))
                let outcome = try await running.outcome()
                jira.server.faults.removeAll()
                #expect([0, 128 + SIGKILL].contains(outcome.status), "\(outcome)")
                let verified = try await jira.program.run("verify")
                #expect(verified.status == 0, "\(verified)")
                let now = try await Self.storedIssues(jira)
                #expect(now >= stored, "killed at request \(wait)")
                stored = now
            }
            let last = try await jira.sync()
            #expect(last.status == 0, "\(last)")
            try await jira.expectCopyEqualsJira()
            let truth = jira.truth(.user(jira.tour.developer.index))
            let seen = try await jira.seen(as: jira.identity(jira.tour.developer))
            #expect(seen == truth, "\(seen.difference(truth))")
            // A page is a request only where the site answers with whole issues.
            if example.page != nil {
                let inFlight = 5 + 4
                #expect(Self.issueRequests(jira) <= whole.forIssues + Self.kills * (inFlight + 1))
            }
        }
    }

    private static func requestsOfOneRead(_ jira: SimulatedJira) async throws -> (all: Int, forIssues: Int) {
        let other = jira.program.workFolder.appendingPathComponent("undisturbed").path
        let words = ["source", "add", jira.server.url, "--name", "work", "--data", other]
        let added = try await jira.program.run(words + jira.options(jira.credential()))
        try #require(added.status == 0, "\(added)")
        jira.server.log.reset()
        let synced = try await jira.program.run("sync", "work", "--data", other)
        try #require(synced.status == 0, "\(synced)")
        return (jira.server.log.count, issueRequests(jira))
    }

    private static func issueRequests(_ jira: SimulatedJira) -> Int {
        jira.server.log.entries.count { entry in
            entry.target.contains("/search") || entry.target.contains("bulkfetch")
        }
    }

    private static func storedIssues(_ jira: SimulatedJira) async throws -> Int {
        try await jira.program.run("status", "--json").json["sources"]?[0]?["issues"]?.integer ?? 0
    }
}
