import FastJSON
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Store
import Testing
import Webhooks

/// What the simulated Jira, which shares nothing with this code, sends and expects.
@Suite("On a simulated site") struct SimulatedSiteTests {
    /// Hands deliveries to a receiver, as a server would.
    private struct Door: HTTPTransport {
        let receiver: WebhookReceiver

        func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
            await receiver.respond(to: request)
        }
    }

    private struct Scene {
        let ground: Ground
        let clock: VirtualSiteClock
        let site: SimulatedSite
        let jira: InProcessJira
        let client: JiraClient

        init(_ flavour: SiteFlavour, plan: DeliveryPlan = .prompt, isApp: Bool = false) async throws {
            let configuration = SiteConfiguration(flavour: flavour, seed: 11, issueCount: 60)
            clock = VirtualSiteClock(configuration.now)
            site = SimulatedSite(configuration, clock: clock.clock)
            ground = try await Ground(product: flavour.isCloud ? .cloud : .dataCenter)
            ground.clock.set(Timestamp(milliseconds: clock.now))
            var simulator = SimulatorConfiguration()
            simulator.deliveryPlan = plan
            jira = InProcessJira(site: site, configuration: simulator, deliver: Door(receiver: ground.receiver))
            let admin = site.current().users[0]
            let credential: Credential =
                isApp
                ? .personalAccessToken("oauth-token-of-\(admin.name)")
                : flavour.isCloud
                    ? .apiToken(email: admin.email, token: admin.apiToken)
                    : .personalAccessToken(admin.personalAccessToken)
            let identity = SiteIdentity(
                product: flavour.isCloud ? .cloud : .dataCenter, baseURL: jira.url,
                apiBase: isApp ? jira.gatewayURL : jira.url, version: flavour.isCloud ? "1001.0.0" : "10.3.24")
            client = JiraClient(identity, credential, transport: jira)
        }

        var registration: Webhooks.WebhookRegistration {
            Webhooks.WebhookRegistration(store: ground.store, client: client, clock: { [ground] in ground.clock.now })
        }

        func pass(minutes: Int64) {
            clock.advance(by: Milliseconds(minutes * 60_000))
            ground.clock.set(Timestamp(milliseconds: clock.now))
        }

        /// Lets `count` things happen, and everything of them arrive.
        func live(_ count: Int) async {
            var random = SeededRandom(seed: 5, stream: 1, item: 0)
            for _ in 0..<count {
                pass(minutes: 1)
                site.live(using: &random)
                await jira.deliverDue()
            }
            for _ in 0..<60 where jira.webhooks.nextDue != nil {
                pass(minutes: 30)
                await jira.deliverDue()
            }
        }
    }

    @Test(
        "everything that a living site tells is believed and understood", arguments: [SiteFlavour.cloud, .dataCenter])
    func living(_ flavour: SiteFlavour) async throws {
        let scene = try await Scene(flavour)
        let outcome = try await scene.registration.register(scene.ground.source, publicURL: Ground.publicURL)
        #expect(outcome.changes == [.created])
        #expect(outcome.record.authentication == .signature)
        await scene.live(150)
        let count = scene.jira.webhooks.count
        #expect(count.delivered > 50)
        #expect(count.abandoned == 0)
        _ = try await scene.ground.receiver.drain()
        let tally = try await scene.ground.inbox.tally(of: scene.ground.source.id)
        #expect(tally.stored + tally.duplicates == count.delivered)
        #expect(tally.unknown == 0)
        #expect(try await scene.ground.records().map(\.refused) == [0])
        #expect(try await !scene.ground.pending().isEmpty)
        #expect(try await scene.ground.asked(.catalogue) != nil)
    }

    @Test("a storm that loses, doubles and shuffles arrives as what was sent, once each")
    func storm() async throws {
        let scene = try await Scene(.cloud, plan: .storm(seed: 3))
        _ = try await scene.registration.register(scene.ground.source, publicURL: Ground.publicURL)
        await scene.live(150)
        let tally = try await scene.ground.inbox.tally(of: scene.ground.source.id)
        #expect(tally.duplicates > 0)
        #expect(tally.stored + tally.duplicates == scene.jira.webhooks.count.delivered)
    }

    @Test("an app's webhooks are registered at the gateway, refreshed before they lapse, and their tokens hold")
    func app() async throws {
        let scene = try await Scene(.cloud, isApp: true)
        let source = scene.ground.source.id
        let projects = scene.site.current().projects
        try await scene.ground.store.write { context in
            for project in projects {
                try ProjectRecords.store(
                    Project(id: EntityID("\(project.key)"), key: project.key, name: project.key), source: source,
                    in: context)
            }
        }
        let outcome = try await scene.registration.register(
            scene.ground.source, publicURL: Ground.publicURL,
            way: .app(clientSecret: WebhookCenter.appSecret, clientID: WebhookCenter.appID))
        #expect(outcome.changes == [.created])
        #expect(outcome.record.problem == nil)
        await scene.live(60)
        #expect(scene.jira.webhooks.count.delivered > 0)
        #expect(scene.jira.webhooks.count.abandoned == 0)
        for _ in 0..<5 {
            scene.pass(minutes: 16 * 24 * 60)
            let records = try await scene.ground.records()
            #expect(try #require(Webhooks.WebhookRegistration.due(records)) <= scene.ground.clock.now)
            #expect(try await scene.registration.maintain(scene.ground.source).map(\.changes) == [[.refreshed]])
        }
        #expect(try await scene.registration.remove(scene.ground.source).isEmpty)
        #expect(scene.jira.webhooks.registrations.isEmpty)
    }

    @Test(
        "who does not administer the site gets what an administrator is to enter",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func noAdministrator(_ flavour: SiteFlavour) async throws {
        let scene = try await Scene(flavour)
        let state = scene.site.current()
        let user = try #require(state.users.dropFirst(5).first { $0.isActive && !$0.isDeleted })
        let credential: Credential =
            flavour.isCloud
            ? .apiToken(email: user.email, token: user.apiToken) : .personalAccessToken(user.personalAccessToken)
        let client = JiraClient(scene.client.identity, credential, transport: scene.jira)
        let ground = scene.ground
        let registration = Webhooks.WebhookRegistration(
            store: ground.store, client: client, clock: { ground.clock.now })
        let outcome = try await registration.register(ground.source, publicURL: Ground.publicURL)
        #expect(outcome.instructions != nil)
        #expect(outcome.record.kind == .manual)
        #expect(scene.jira.webhooks.registrations.isEmpty)
    }
}
