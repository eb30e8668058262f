import AccessEngine
import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

struct FaultCase: CustomTestStringConvertible, Sendable {
    let name: String
    let faults: [Fault]
    /// What the run ends with; `nil` where it must overcome the fault.
    var failure: SyncFailure.Code?
    var testDescription: String { name }
}

@Suite struct FaultTests {
    private static let reasons: [Fault.RateLimitReason] = [.burst, .globalQuota, .tenantQuota, .gateway, .dataCenter]

    private static let overcome: [FaultCase] =
        reasons.map {
            FaultCase(name: "429 \($0.rawValue)", faults: [Fault(.rateLimited($0, retryAfter: 30), skip: 8, count: 4)])
        } + [
            FaultCase(
                name: "429 unexplained", faults: [Fault(.rateLimited(.gateway, retryAfter: nil), skip: 20, count: 3)]),
            FaultCase(name: "503 with a wait", faults: [Fault(.status(503, retryAfter: 10), skip: 5, count: 2)]),
            FaultCase(name: "every seventh answer 500", faults: [Fault(.status(500), count: nil, every: 7)]),
            FaultCase(name: "resets", faults: [Fault(.reset(after: nil), count: 6, every: 9)]),
            FaultCase(name: "resets in the middle", faults: [Fault(.reset(after: 300), path: "bulkfetch", count: 2)]),
            FaultCase(name: "torn bodies", faults: [Fault(.torn(after: 200), path: "bulkfetch", count: 2)]),
            FaultCase(name: "garbage", faults: [Fault(.garbage, path: "bulkfetch", count: 2)]),
            FaultCase(name: "JSON cut short", faults: [Fault(.truncatedJSON, path: "search", count: 1)]),
            FaultCase(name: "empty bodies", faults: [Fault(.emptyBody, path: "bulkfetch", count: 2)]),
        ]

    @Test("passing faults are overcome and the copy is complete", arguments: overcome)
    func passes(_ test: FaultCase) async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 120, averageIssueBytes: 800)
        try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
            for fault in test.faults { source.server.faults.add(fault) }
            let summary = try await source.synchronise(time: .impatient())
            #expect(summary.finished)
            #expect(summary.issues.quarantined == 0)
            try await Self.expectAll(source)
        }
    }

    @Test(
        "lasting faults end the run with their reason; what was stored stays and the next run completes it",
        arguments: [
            FaultCase(
                name: "token expires midway",
                faults: [Fault(.expiredCredential, path: "bulkfetch", skip: 6, count: nil)],
                failure: .credentialRefused),
            FaultCase(
                name: "403 midway", faults: [Fault(.status(403), path: "bulkfetch", skip: 6, count: nil)],
                failure: .permissionMissing),
            FaultCase(
                name: "login page midway", faults: [Fault(.loginPage, path: "bulkfetch", skip: 6, count: nil)],
                failure: .credentialRefused),
            FaultCase(
                name: "credential ignored",
                faults: [
                    Fault(.anonymous, path: "search/jql", count: nil),
                    Fault(.expiredCredential, path: "myself", skip: 1, count: nil),
                ], failure: .credentialRefused),
            FaultCase(
                name: "500 for ever", faults: [Fault(.status(500), path: "bulkfetch", skip: 6, count: nil)],
                failure: .siteUnreachable),
            FaultCase(
                name: "resets for ever", faults: [Fault(.reset(after: nil), path: "bulkfetch", skip: 6, count: nil)],
                failure: .siteUnreachable),
            FaultCase(
                name: "search gone", faults: [Fault(.status(410), path: "search/jql", count: nil)],
                failure: .siteAnswersWrongly),
        ])
    func lasts(_ test: FaultCase) async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 120, averageIssueBytes: 800)
        try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
            for fault in test.faults { source.server.faults.add(fault) }
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await source.synchronise(time: .impatient())
            }
            #expect(failure?.code == test.failure, "\(String(describing: failure))")
            #expect(failure?.summary?.finished == false)
            let problem = try await source.sourceRecord().problem
            #expect(problem?.code == test.failure?.rawValue)
            source.server.faults.removeAll()
            let summary = try await source.synchronise(time: .impatient())
            #expect(summary.finished)
            try await Self.expectAll(source)
            #expect(try await source.sourceRecord().problem == nil)
        }
    }

    @Test("a listing that repeats its page ends instead of going round for ever")
    func repeatedPage() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 5_200, averageIssueBytes: 300)
        try await SimulatedSource.lent(configuration) { source in
            source.server.faults.add(Fault(.repeatedPage, path: "search/jql", skip: 1, count: nil))
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await source.synchronise(time: .impatient())
            }
            #expect(failure?.code == .siteAnswersWrongly, "\(String(describing: failure))")
        }
    }

    @Test("a project that vanishes is left out of the query with a warning")
    func projectVanishes() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 120, averageIssueBytes: 800)
        try await SimulatedSource.lent(configuration) { source in
            _ = try await source.synchronise()
            // Hidden from the account between the listing of projects and the query.
            let site = source.server.site
            let gone = site.current().projects[3]
            source.server.faults.add(
                Fault(
                    .beforeAnswer {
                        site.change { $0.setGrants(gone.permissionScheme, "BROWSE_PROJECTS", to: []) }
                    }, path: "search/jql"))
            let summary = try await source.synchronise(isFull: true)
            #expect(summary.finished)
            #expect(summary.warnings.contains { $0.code == .projectGone && $0.message.contains(gone.key) })
        }
    }

    @Test("refused permission schemes hide the projects and say so")
    func schemesRefused() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 60, averageIssueBytes: 800)
        try await SimulatedSource.lent(configuration) { source in
            _ = try await source.synchronise()
            source.server.faults.add(Fault(.status(403), path: "permissionscheme", count: nil))
            let summary = try await source.synchronise(time: .impatient())
            #expect(summary.finished)
            #expect(summary.warnings.contains { $0.code == .accessUnreadable })
            let id = try await source.sourceRecord().id
            for user in source.server.site.current().users {
                let seen = try await source.visible(to: .accounts([id: AccountID(user.accountID)]))
                #expect(seen.issues.isEmpty)
            }
            #expect(try await !source.visible(to: .operator).issues.isEmpty)
        }
    }

    private static func small(_ options: inout SyncOptions) {
        options.issuesPerUnit = 20
        options.client.issuesPerRequest = 5
    }

    private static func expectAll(_ source: SimulatedSource) async throws {
        let truth = Seen(source.server.truth(for: source.caller))
        let stored = Seen(try await source.visible(to: .operator))
        #expect(stored == truth, "\(stored.difference(truth))")
    }
}
