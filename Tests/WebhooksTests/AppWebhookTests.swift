import FastJSON
import IssueModel
import JiraClient
import Journal
import Store
import Synchronization
import Testing
import Webhooks

@Suite("Webhooks of apps") struct AppWebhookTests {
    private static let way = WebhookRegistration.Way.app(clientSecret: "client secret", clientID: "app")

    private static func ground(projects: Int = 2) async throws -> Ground {
        let ground = try await Ground()
        let source = ground.source.id
        try await ground.store.write { context in
            for number in 0..<projects {
                let project = Project(id: EntityID("\(10_000 + number)"), key: "P\(1_000 + number)", name: "P")
                try ProjectRecords.store(project, source: source, in: context)
            }
        }
        return ground
    }

    private static func registration(_ ground: Ground, _ jira: FakeJira) -> WebhookRegistration {
        WebhookRegistration(
            store: ground.store, client: jira.client(credential: .personalAccessToken("oauth")),
            clock: { ground.clock.now })
    }

    @Test("an app's webhooks name the projects, and their deliveries prove themselves by token")
    func register() async throws {
        let ground = try await Self.ground()
        let jira = FakeJira(.cloud)
        let outcome = try await Self.registration(ground, jira).register(
            ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(outcome.changes == [.created])
        #expect(outcome.record.kind == .dynamic)
        #expect(outcome.record.authentication == .token)
        #expect(outcome.record.jiraID == "1")
        #expect(outcome.record.expires == Timestamp(milliseconds: ground.clock.now.rawValue + 30 * 86_400_000))
        let hook = try #require(jira.hooks.first)
        #expect(hook["jqlFilter"]?.string == #"project IN ("P1000", "P1001")"#)
        #expect(hook["events"]?.array?.compactMap(\.string) == WebhookEvents.ofApps)
        let again = try await Self.registration(ground, jira).register(
            ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(again.changes.isEmpty)
        #expect(jira.hooks.count == 1)
    }

    @Test("many projects take several webhooks, and five is the most")
    func manyProjects() async throws {
        let ground = try await Self.ground(projects: 1_100)
        let jira = FakeJira(.cloud)
        let outcome = try await Self.registration(ground, jira).register(
            ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(jira.hooks.count == 5)
        #expect(outcome.record.state == .active)
        #expect(outcome.record.problem?.contains("100 further ones") == true)
    }

    @Test("a project that comes later is in the next filter, in the place of the old one")
    func newProject() async throws {
        let ground = try await Self.ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL, way: Self.way)
        let source = ground.source.id
        try await ground.store.write { context in
            _ = try ProjectRecords.store(Project(id: "1", key: "NEW", name: "New"), source: source, in: context)
        }
        let outcomes = try await registration.maintain(ground.source)
        #expect(outcomes.map(\.changes) == [[.removedSpare, .created]])
        #expect(jira.hooks.map { $0["jqlFilter"]?.string } == [#"project IN ("NEW", "P1000", "P1001")"#])
    }

    @Test("they are refreshed at half their time, and made again where Jira let them lapse")
    func refreshing() async throws {
        let ground = try await Self.ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL, way: Self.way)
        func pass(days: Int64) {
            ground.clock.advance(hours: 24 * days)
            jira.state.withLock { $0.now = ground.clock.now.rawValue }
        }
        pass(days: 14)
        #expect(try await registration.maintain(ground.source).map(\.changes) == [[]])
        pass(days: 2)
        let outcome = try #require(try await registration.maintain(ground.source).first)
        #expect(outcome.changes == [.refreshed])
        #expect(outcome.record.expires == Timestamp(milliseconds: ground.clock.now.rawValue + 30 * 86_400_000))
        jira.state.withLock { $0.hooks = [:] }
        #expect(try await registration.maintain(ground.source).map(\.changes) == [[.created]])
    }

    @Test("of webhooks that are refused in part the others stand, and the reason is kept")
    func partly() async throws {
        let ground = try await Self.ground(projects: 300)
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        let filter = "project IN (" + (200..<300).map { #""P\#(1_000 + $0)""# }.joined(separator: ", ") + ")"
        jira.state.withLock { $0.refusedFilters = [filter] }
        let outcome = try await registration.register(ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(jira.hooks.count == 1)
        #expect(outcome.record.state == .active)
        #expect(outcome.record.problem?.contains("refused 1 of 2") == true)
        #expect(outcome.record.problem?.contains("watchCount") == true)
        #expect(outcome.warnings.count == 1)
        jira.state.withLock { $0.refusedFilters = [] }
        let mended = try #require(try await registration.maintain(ground.source).first)
        #expect(mended.changes == [.created])
        #expect(mended.record.problem == nil)
        #expect(mended.record.jiraID == "1,2")
    }

    @Test("who is no app is told so")
    func noApp() async throws {
        let ground = try await Self.ground()
        let jira = FakeJira(.cloud)
        jira.state.withLock { $0.failure = (403, #"{"errorMessages":["The caller is not an app"]}"#) }
        let outcome = try await Self.registration(ground, jira).register(
            ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(outcome.record.state == .failed)
        #expect(outcome.record.problem?.contains("OAuth") == true)
    }

    @Test("all of an app's are removed, and none where there are none")
    func remove() async throws {
        let ground = try await Self.ground(projects: 300)
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL, way: Self.way)
        #expect(try await registration.remove(ground.source).isEmpty)
        #expect(jira.hooks.isEmpty)
        #expect(try await registration.remove(ground.source).isEmpty)
    }

    @Test("a site of one's own has none, and nothing is asked before the projects are known")
    func unsupported() async throws {
        let own = try await Ground(product: .dataCenter)
        await #expect {
            try await Self.registration(own, FakeJira(.dataCenter)).register(
                own.source, publicURL: Ground.publicURL, way: Self.way)
        } throws: { ($0 as? WebhookError)?.code == .unsupported }
        let empty = try await Ground()
        await #expect {
            try await Self.registration(empty, FakeJira(.cloud)).register(
                empty.source, publicURL: Ground.publicURL, way: Self.way)
        } throws: { ($0 as? WebhookError)?.code == .unsupported }
    }
}
