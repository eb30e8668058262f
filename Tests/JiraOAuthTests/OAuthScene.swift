import AccessEngine
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraOAuth
import JiraSimulator
import SimulatedOAuth
import SimulatedSite
import SiteConnection
import Store
import Synchronization
import Testing
import Workspace

/// A simulated site with its sign-in, an app registered there, and an installation of ours.
struct OAuthScene {
    let folder: TemporaryFolder
    let clock: TestClock
    let jira: InProcessJira
    let wire: Wire
    let store: Store
    let time: TimeSource
    let endpoints: OAuthEndpoints
    let flow: ConsentFlow
    let keeper: GrantKeeper
    let transport: OAuthTransport

    static let callback = "https://drawbridge.example.com/oauth/jira/callback"
    static let app = OAuthApp(clientID: "client", clientSecret: "s3cret")

    init() async throws {
        folder = try TemporaryFolder()
        let configuration = SiteConfiguration(flavour: .cloud, seed: 3, issueCount: 12)
        let clock = TestClock(configuration.now)
        self.clock = clock
        jira = InProcessJira(site: SimulatedSite(configuration, clock: SiteClock { clock.now }), pause: { _ in })
        wire = Wire(jira)
        jira.oauth.register(
            .init(
                clientID: "client", clientSecret: "s3cret", callbacks: [Self.callback],
                scopes: Set(OAuthPurpose.allCases.flatMap(\.classicScopes) + [OAuthPurpose.renewal])))
        time = TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { Timestamp(milliseconds: clock.now) },
            sleep: { clock.advance(seconds: Int64($0 / .seconds(1))) })
        store = try await Self.open(folder, clock)
        endpoints = OAuthEndpoints(authorization: jira.gatewayHost, api: jira.gatewayHost)
        flow = ConsentFlow(store: store, transport: wire, endpoints: endpoints, time: time)
        keeper = GrantKeeper(store: store, transport: wire, endpoints: endpoints, time: time)
        transport = OAuthTransport(wire, keeper: keeper)
    }

    static func open(_ folder: TemporaryFolder, _ clock: TestClock) async throws -> Store {
        try await Store(
            folder: DataFolder(path: folder.path + "/data", for: .writing),
            migrations: Workspace.migrations + JiraOAuth.migrations, clock: { Timestamp(milliseconds: clock.now) })
    }

    var person: User { jira.site.tour.developer }

    /// What a browser does between `begin` and `finish`.
    func visit(_ url: String, as person: User, refusing: Bool = false) async throws -> String {
        let more =
            "&simulated_person=\(PercentEncoding.encode(person.email))" + (refusing ? "&simulated_answer=no" : "")
        let answer = try await jira.send(HTTPRequest(.get, url + more))
        #expect(answer.status == 302)
        return answer.headers["Location"] ?? ""
    }

    static func query(_ url: String) -> [(name: String, value: String)] {
        let items = url.split(separator: "?", maxSplits: 1).last?.split(separator: "&") ?? []
        return items.map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
        }
    }

    func request(
        _ purposes: Set<OAuthPurpose> = [.mirroring], member: MemberID? = nil, app: OAuthApp = app
    ) -> ConsentFlow.Request {
        .init(app: app, redirectURI: Self.callback, purposes: purposes, member: member, note: "work")
    }

    /// A whole consent.
    func consent(
        as person: User? = nil, _ purposes: Set<OAuthPurpose> = [.mirroring], member: MemberID? = nil
    ) async throws -> ConsentFlow.Consent {
        let begun = try await flow.begin(request(purposes, member: member))
        let back = try await visit(begun.url, as: person ?? jira.site.tour.administrator)
        return try await flow.finish(arrived: back, query: Self.query(back), ticket: begun.ticket, member: member)
    }

    /// Asks Jira who we are, through the grant.
    func myself(_ grant: Int64, through transport: (any HTTPTransport)? = nil) async throws -> HTTPResponse {
        var request = HTTPRequest(.get, jira.gatewayURL + "/rest/api/3/myself")
        request.grant = grant
        return try await (transport ?? self.transport).send(request)
    }

    func grant(_ id: Int64) async throws -> Grant {
        try #require(try await store.read { try GrantRecords.grant(id, in: $0) })
    }

    static func code(_ body: () async throws -> Void) async -> OAuthError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? OAuthError)?.code
        }
    }
}

/// The way to the simulated site, which a test may hold up, break and look at.
final class Wire: HTTPTransport {
    private let jira: InProcessJira
    private let state = Mutex(State())

    private struct State {
        var sent: [HTTPRequest] = []
        var isDown = false
        var losesTokenAnswers = false
    }

    init(_ jira: InProcessJira) { self.jira = jira }

    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }

    /// Atlassian renews, and the answer never comes.
    var losesTokenAnswers: Bool {
        get { state.withLock { $0.losesTokenAnswers } }
        set { state.withLock { $0.losesTokenAnswers = newValue } }
    }

    var sent: [HTTPRequest] { state.withLock { $0.sent } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let (isDown, loses) = state.withLock { state in
            state.sent.append(request)
            return (state.isDown, state.losesTokenAnswers)
        }
        if isDown { throw HTTPTransportError(.cannotConnect) }
        // Others get their turn, so that what must not overlap would.
        for _ in 0..<20 { await Task.yield() }
        let response = try await jira.send(request)
        if loses, request.url.hasSuffix("/oauth/token") { throw HTTPTransportError(.connectionLost) }
        return response
    }
}
