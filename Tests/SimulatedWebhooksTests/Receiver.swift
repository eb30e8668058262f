import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Synchronization

/// Keeps what arrives and answers as it is told.
final class Receiver: HTTPTransport {
    struct State {
        var requests: [HTTPRequest] = []
        var statuses: [Int] = []
        var refusesConnection = false
    }

    private let state = Mutex(State())

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// The names of the events that arrived, in order.
    var events: [String] { bodies.compactMap { $0["webhookEvent"]?.string } }

    var bodies: [JSONValue] { requests.compactMap { try? JSONValue(parsing: $0.body) } }

    /// The statuses of the next answers; 200 after them.
    func answer(_ statuses: Int...) { state.withLock { $0.statuses = statuses } }

    func refuseConnections(_ refuses: Bool) { state.withLock { $0.refusesConnection = refuses } }

    func forget() { state.withLock { $0.requests = [] } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let status: Int? = state.withLock { state in
            guard !state.refusesConnection else { return nil }
            state.requests.append(request)
            return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
        }
        guard let status else { throw HTTPTransportError(.cannotConnect) }
        return HTTPResponse(status: status)
    }
}

/// A site with a clock, and a receiver for its webhooks.
struct Scene {
    let site: SimulatedSite
    let clock: VirtualSiteClock
    let jira: InProcessJira
    let receiver = Receiver()

    init(_ flavour: SiteFlavour = .cloud, issues: Int = 40, plan: DeliveryPlan = .prompt) {
        let configuration = SiteConfiguration(flavour: flavour, seed: 7, issueCount: issues)
        clock = VirtualSiteClock(configuration.now)
        site = SimulatedSite(configuration, clock: clock.clock)
        var simulator = SimulatorConfiguration()
        simulator.deliveryPlan = plan
        jira = InProcessJira(site: site, configuration: simulator, deliver: receiver)
    }

    var admin: User { site.current().users[0] }

    var authorization: String {
        site.configuration.flavour.isCloud
            ? "Basic " + Base64.encode("\(admin.email):\(admin.apiToken)") : "Bearer \(admin.personalAccessToken)"
    }

    func hand(_ user: Int = 0, isBulk: Bool = false) -> SiteState.Hand {
        SiteState.Hand(user: user, now: clock.now, isBulk: isBulk)
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, as authorization: String? = nil,
        host: String? = nil
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, (host ?? jira.url) + path)
        request.headers["Authorization"] = authorization ?? self.authorization
        request.body = body?.serialized() ?? []
        return try await jira.send(request)
    }

    /// Registers an administrator's webhook for everything.
    @discardableResult
    func register(
        _ events: [String] = WebhookRegistration.allEvents, filter: String = "", secret: String? = nil,
        url: String = "https://drawbridge.example/webhooks/1/abc"
    ) async throws -> HTTPResponse {
        var members: [JSONValue.Member] = [
            .init("name", .string("Drawbridge")), .init("url", .string(url)),
            .init("events", .array(events.map { .string($0) })),
            .init("filters", .object([.init("issue-related-events-section", .string(filter))])),
        ]
        if let secret { members.append(.init("secret", .string(secret))) }
        return try await send(.post, "/rest/webhooks/1.0/webhook", .object(members))
    }

    /// What arrives because of one change.
    func arrivals(_ change: (inout SiteState) -> Void) async -> [JSONValue] {
        receiver.forget()
        site.change { change(&$0) }
        await jira.deliverDue()
        return receiver.bodies
    }
}
