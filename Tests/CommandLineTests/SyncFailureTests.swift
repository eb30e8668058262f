import FastJSON
import Foundation
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing
import WebServer

/// What goes wrong between the program and Jira: each cause has its words and its exit code, and nothing is lost.
@Suite("When Jira fails") struct SyncFailureTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let fault: Fault
        let status: Int32
        let says: String

        init(_ name: String, _ kind: Fault.Kind, path: String = "", skip: Int = 0, _ status: Int32, _ says: String) {
            testDescription = name
            // For ever: a client that tries again must find it again.
            fault = Fault(kind, path: path, skip: skip, count: nil)
            self.status = status
            self.says = says
        }
    }

    static let cases = [
        Case("the token expires at the first request", .expiredCredential, 3, "refused"),
        Case("the token expires in the middle", .expiredCredential, skip: 25, 3, "refused"),
        Case("a login page from the first request on", .loginPage, 3, "login page"),
        Case("a captcha", .captcha, skip: 2, 3, "aptcha"),
        Case("the connection is lost in the middle", .reset(after: 20), skip: 30, 4, "Jira"),
        Case("Jira fails in the middle", .status(503), skip: 30, 4, "Jira failed to answer"),
        Case("answers that are no JSON", .garbage, path: "api/2/search", 1, "not what Jira documents"),
    ]

    @Test(
        "a first read that breaks off says why, keeps what it has, and ends equal to Jira once the cause is gone",
        arguments: cases)
    func firstRead(_ example: Case) async throws {
        try await SimulatedJira.lent(.dataCenter, issues: 60) { jira in
            #expect(try await jira.add().status == 0)
            try await breakAndMend(example, jira)
        }
    }

    @Test(
        "an update that breaks off leaves the copy as it was, readable meanwhile",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func update(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await jira.addAndSync()
            let before = try await jira.seen(as: nil)
            // Those that the client does not try again: its patience is tested elsewhere.
            let failing = Self.cases.filter { $0.fault.skip == 0 && $0.status == 3 }
            for (round, example) in failing.enumerated() {
                // Two changes at one moment would be one to whoever compares times of change.
                let now = jira.server.site.clock.now() + Int64(round + 1) * 60_000
                let key = jira.tour.issueKey
                jira.server.site.change { state in
                    guard let issue = state.ordinal(idOrKey: key) else { return }
                    state.setSummary(
                        issue, to: "Changed while \(example.testDescription)", by: .init(user: 0, now: now))
                }
                jira.server.faults.add(example.fault)
                let failed = try await jira.sync()
                #expect(failed.status == example.status, "\(failed)")
                #expect(try await jira.seen(as: nil) == before)
                let found = try await jira.program.run("search", jira.tour.word, "--json")
                #expect(try found.json["total"]?.integer == jira.tour.counts.administrator)
                #expect(try found.json["freshness"]?["state"]?.string == "stopped")
                jira.server.faults.removeAll()
                jira.server.clearLoginFailures()
                #expect(try await jira.sync().status == 0)
                let issue = try await jira.program.run("issue", key, "--json")
                #expect(try issue.json["summary"]?.string == "Changed while \(example.testDescription)")
                let fresh = try await jira.program.run("search", jira.tour.word, "--json")
                #expect(try fresh.json["freshness"]?["state"]?.string == "polling")
            }
            try await jira.expectCopyEqualsJira()
        }
    }

    private func breakAndMend(_ example: Case, _ jira: SimulatedJira) async throws {
        jira.server.faults.add(example.fault)
        let failed = try await jira.sync("--json")
        #expect(failed.status == example.status, "\(failed)")
        #expect(failed.errors.contains(example.says), "\(failed)")
        #expect(Shape.sync.problems(try failed.json) == [])
        #expect(try failed.json["finished"]?.bool == false)
        for secret in try [jira.credential(.personalAccessToken).secret, jira.credential(.password).secret] {
            #expect(!failed.errors.contains(secret) && !failed.output.contains(secret))
        }
        let status = try await jira.program.run("status")
        #expect(status.status == 0 && status.output.contains("not read completely yet"), "\(status)")
        #expect(try await jira.program.run("verify").status == 0)
        jira.server.faults.removeAll()
        jira.server.clearLoginFailures()
        let mended = try await jira.sync()
        #expect(mended.status == 0, "\(mended)")
        try await jira.expectCopyEqualsJira()
        #expect(try await !jira.program.run("status").output.contains("kept"), "the problem is forgotten")
    }

    @Test(
        "a revoked token is refused at add, and again in the middle of a sync",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func revoked(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            let secret = try jira.credential().secret
            jira.server.revoke(secret)
            let refused = try await jira.add()
            #expect(refused.status == 3 && refused.errors.contains("refused"), "\(refused)")
            #expect(!refused.errors.contains("kept"), "nothing was read yet: \(refused)")
            jira.server.restore(secret)
            #expect(try await jira.add().status == 0)
            let server = jira.server
            server.faults.add(Fault(.beforeAnswer { server.revoke(secret) }, skip: 30))
            let failed = try await jira.sync()
            #expect(failed.status == 3 && failed.errors.contains("source credential"), "\(failed)")
            server.restore(secret)
            #expect(try await jira.sync().status == 0)
            try await jira.expectCopyEqualsJira()
        }
    }

    @Test("Jira gone in the middle of a sync, and back later") func unreachable() async throws {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            #expect(try await jira.add().status == 0)
            await jira.server.stop()
            let failed = try await jira.sync()
            #expect(failed.status == 4 && failed.errors.contains("does not answer"), "\(failed)")
            #expect(failed.errors.components(separatedBy: "does not answer").count == 2, "said once: \(failed)")
            let tested = try await jira.program.run("source", "test", SimulatedJira.source, "--json")
            #expect(tested.status == 4, "\(tested)")
            #expect(Shape.checks.problems(try tested.json["checks"]) == [])
        }
    }

    @Test(
        "a query that Jira does not understand is refused with Jira's words",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func badQuery(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 40) { jira in
            let refused = try await jira.add(nil, of: nil, "--jql", "projekt = PAY AND")
            #expect(refused.status == 1 && refused.errors.contains("does not understand the query"), "\(refused)")
            #expect(refused.errors.contains("Jira says:"), "\(refused)")
            let noProject = try await jira.add(nil, of: nil, "--project", "NOPE")
            #expect(noProject.status == 1 && noProject.errors.contains("NOPE is not there"), "\(noProject)")
            #expect(try await jira.add(nil, of: nil, "--jql", "project = PAY", "--project", "PAY").status == 0)
            #expect(try await jira.sync().status == 0)
            let state = jira.state
            let all = jira.server.truth(for: .user(jira.tour.administrator.index)).issues
            let wanted = all.filter { id in
                state.ordinal(idOrKey: String(id)).map { state.key(of: $0).hasPrefix("PAY-") } == true
            }
            #expect(try await jira.issuesSeen(as: nil) == Set(wanted))
        }
    }

    @Test("a search that cannot be understood says what was probably meant, and ends with 2") func badSearch()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            for (query, says) in [
                ("projct:PAY refund", "project:"), ("status:Dne", "status:Done"), ("created:>notadate", "2024-05-17"),
            ] {
                let outcome = try await jira.program.run("search", query)
                #expect(outcome.status == 2 && outcome.errors.contains(says), "\(outcome)")
                #expect(outcome.output.isEmpty)
            }
            let jql = try await jira.program.run("search", "--jql", "projct = PAY")
            #expect(jql.status == 2 && jql.errors.contains("Did you mean `project`"), "\(jql)")
            let wrong = try await jira.program.run("search", "x", "--cursor", "nonsense")
            #expect(wrong.status == 2, "\(wrong)")
            // A filter's value is suggested only to those who may know it.
            let hidden = try await jira.program.run("search", "project:PAYY", "--as", "anonymous")
            #expect(!hidden.errors.contains("PAY`"), "\(hidden)")
            let typing = try await jira.program.run("search", "settlment")
            #expect(typing.status == 0 && typing.output.contains("Did you mean: settlement"), "\(typing)")
        }
    }
}
