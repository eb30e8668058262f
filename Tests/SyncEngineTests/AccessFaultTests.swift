import AccessControl
import AccessEngine
import IssueModel
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What each failure of Jira does to what people see: a refusal hides at once, a failure nothing before the lease ends.
@Suite struct AccessFaultTests {
    static let configuration = SiteConfiguration(issueCount: 30, averageIssueBytes: 1_000)

    struct Failure: CustomTestStringConvertible, Sendable {
        var name: String
        var kind: Fault.Kind
        var testDescription: String { name }
    }

    struct Endpoint: CustomTestStringConvertible, Sendable {
        var path: String
        var testDescription: String { path }
    }

    static let failures = [
        Failure(name: "500", kind: .status(500)), Failure(name: "502", kind: .status(502)),
        Failure(name: "503", kind: .status(503)), Failure(name: "429", kind: .rateLimited(.burst, retryAfter: 1)),
        Failure(name: "reset", kind: .reset(after: nil)), Failure(name: "torn", kind: .torn(after: 10)),
        Failure(name: "garbage", kind: .garbage), Failure(name: "truncated", kind: .truncatedJSON),
        Failure(name: "empty body", kind: .emptyBody), Failure(name: "400", kind: .status(400)),
    ]

    static let endpoints = [
        "/project/search", "api/3/permissionscheme", "/issuesecurityschemes", "/applicationrole", "/permissionscheme",
        "/role/", "/group/member", "/users/search",
    ].map { Endpoint(path: $0) }

    /// Every endpoint fails in some ways, one in all.
    static let pairs =
        endpoints.flatMap { endpoint in
            failures.filter { ["500", "429", "truncated"].contains($0.name) }.map { (endpoint, $0) }
        } + failures.map { (Endpoint(path: "/group/member"), $0) }

    @Test(
        "a failure keeps what is known until the lease ends, then hides, and coming back restores without reading issues",
        arguments: pairs)
    func failure(_ endpoint: Endpoint, _ failure: Failure) async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            try await scene.refresh(.everything)
            let before = try await scene.shown()
            #expect(!before.isEmpty)
            let issues = try await scene.issueChanges()
            scene.jira.faults.add(Fault(failure.kind, path: endpoint.path, count: nil))
            for _ in 0..<3 {
                let (summary, _) = try await scene.refresh()
                #expect(summary.failed > 0)
                #expect(try await scene.shown() == before)
            }
            #expect(try await scene.mistaken() == [])
            scene.clock.advance(by: 3_600_000)
            let after = try await scene.shown()
            #expect(after.isEmpty)
            for standing in try await scene.standings().values where !standing.isShown {
                guard case .hidden(_, let message, _) = standing else { continue }
                #expect(!message.isEmpty)
            }
            #expect(try await scene.seen(by: 1).issues.isEmpty)
            scene.jira.faults.removeAll()
            try await scene.refresh()
            #expect(try await scene.shown() == before)
            #expect(try await scene.mistaken() == [])
            #expect(try await scene.issueChanges() == issues)
        }
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        var path: String
        var status: Int
        /// Whether every project is hidden by it.
        var hidesAll: Bool
        var testDescription: String { "\(status) \(path)" }
    }

    static let refusals = [401, 403].flatMap { status in
        [
            Refusal(path: "/permissionscheme", status: status, hidesAll: true),
            Refusal(path: "/role/", status: status, hidesAll: false),
            Refusal(path: "/project/search", status: status, hidesAll: true),
            Refusal(path: "/group/member", status: status, hidesAll: false),
            Refusal(path: "/issuesecurityschemes", status: status, hidesAll: false),
            Refusal(path: "/applicationrole", status: status, hidesAll: false),
        ]
    }

    @Test("a refusal hides at once what depends on it, and shows nobody more", arguments: refusals)
    func refusal(_ refusal: Refusal) async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let people = scene.site.current().users.map(\.index)
            var before: [Int: Seen] = [:]
            for user in people { before[user] = try await scene.seen(by: user) }
            let issues = try await scene.issueChanges()
            scene.jira.faults.add(Fault(.status(refusal.status), path: refusal.path, count: nil))
            let (summary, _) = try await scene.refresh(.everything)
            #expect(!summary.warnings.isEmpty)
            var changed = false
            for user in people {
                let (seen, was) = (try await scene.seen(by: user), try #require(before[user]))
                #expect(Set(seen.issues).isSubset(of: was.issues))
                #expect(Set(seen.comments).isSubset(of: was.comments))
                changed = changed || seen != was
            }
            #expect(changed)
            if refusal.hidesAll { #expect(try await scene.shown().isEmpty) }
            scene.jira.faults.removeAll()
            try await scene.refresh(.everything)
            #expect(try await scene.mistaken() == [])
            // Issues with a level whose members are not told get a key that a member's own listing can open.
            if !refusal.path.contains("security") { #expect(try await scene.issueChanges() == issues) }
        }
    }

    @Test("a refused credential hides every project at once, and a good one restores them", arguments: [true, false])
    func credential(atSignIn: Bool) async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let before = try await scene.shown()
            scene.jira.faults.add(Fault(.expiredCredential, skip: atSignIn ? 0 : 4, count: nil))
            await #expect(throws: SyncFailure.self) { try await scene.refresh() }
            #expect(try await scene.shown().isEmpty)
            #expect(try await scene.seen(by: 1).issues.isEmpty)
            scene.jira.faults.removeAll()
            try await scene.refresh()
            #expect(try await scene.shown() == before)
            #expect(try await scene.mistaken() == [])
        }
    }

    @Test("the lease ends to the millisecond, without anybody refreshing") func lease() async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let until = try await scene.standings().values.compactMap { standing -> Timestamp? in
                if case .shown(let until) = standing { until } else { nil }
            }
            let first = try #require(until.min())
            let seen = try await scene.seen(by: 1)
            #expect(!seen.issues.isEmpty)
            scene.clock.advance(by: first.rawValue - 1 - scene.clock.now)
            #expect(try await scene.seen(by: 1) == seen)
            scene.clock.advance(by: 1)
            #expect(try await scene.seen(by: 1).issues.count < seen.issues.count)
        }
    }

    @Test(
        "licences that were told of do not end with a 404: that a site has none is believed only of one that never had")
    func licencesMissing() async throws {
        let configuration = SiteConfiguration(flavour: .dataCenter, issueCount: 30, averageIssueBytes: 1_000)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            scene.jira.faults.add(Fault(.status(404), path: "/applicationrole", count: nil))
            let (summary, _) = try await scene.refresh(.everything)
            #expect(summary.failed > 0)
            #expect(try await scene.mistaken() == [])
            let source = try await scene.source().id
            let facts = try await scene.store.read {
                try AccessRecords.facts(source: source, withPeople: false, in: $0)
            }
            #expect(!facts.applicationRoles.isEmpty)
        }
    }
}
