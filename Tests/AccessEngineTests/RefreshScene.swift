import AccessControl
import AccessEngine
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import Store
import Workspace

/// A simulated site and a source of it without issues, on one clock or on two that are some way apart.
struct RefreshScene {
    let folder: TemporaryFolder
    let jira: InProcessJira
    let clock: VirtualSiteClock
    let store: Store
    let source: Source
    let client: JiraClient
    let time: TimeSource

    /// - Parameters:
    ///   - ahead: How far our clock is ahead of the site's, in seconds.
    ///   - altered: Answers in the site's place.
    init(
        _ configuration: SiteConfiguration, ahead: Int64 = 0,
        altered: @escaping @Sendable (inout HTTPRequest) -> HTTPResponse? = { _ in nil }
    ) async throws {
        folder = try TemporaryFolder()
        let clock = VirtualSiteClock(configuration.now)
        self.clock = clock
        jira = InProcessJira(site: SimulatedSite(configuration, clock: clock.clock), pause: { _ in })
        time = TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { .init(milliseconds: clock.now + ahead * 1_000) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        store = try await Store(
            folder: DataFolder(path: folder.path + "/data", for: .writing), migrations: Workspace.migrations,
            clock: { .init(milliseconds: clock.now + ahead * 1_000) })
        guard let person = jira.credentials.administrator, let login = jira.credentials.all(of: person).first else {
            throw StoreError(.notFound, "The site has no administrator")
        }
        let credential: Credential =
            login.kind == .apiToken
            ? .apiToken(email: login.user, token: login.secret) : .personalAccessToken(login.secret)
        let identity = try await SiteProbe(transport: jira, apiURL: jira.gatewayHost, time: time)
            .identify(try SiteAddress(jira.url), credential)
        var options = JiraClient.Options()
        options.pacing.maximumRetries = 1
        options.pacing.firstBackoff = .milliseconds(1)
        client = JiraClient(
            identity, credential, transport: AlteringTransport(transport: jira, answer: altered), options: options,
            time: time)
        let added = Source(
            name: "work", url: jira.url, apiURL: jira.url,
            product: configuration.flavour.isCloud ? .cloud : .dataCenter, accessMode: .mirror,
            credentialKind: credential.kind, created: time.now())
        let key = try store.secretKey()
        source = try await store.write { try SourceRecords.add(added, credential: nil, key: key, in: $0) }
    }

    @discardableResult
    func refresh(
        _ extent: AccessRefresh.Extent = .due, after seconds: Int64 = 300
    ) async throws -> (summary: AccessRefreshSummary, asked: [String]) {
        clock.advance(by: seconds * 1_000)
        jira.log.reset()
        let summary = try await AccessRefresh(store: store, client: client, source: source, time: time).run(extent)
        return (summary, jira.log.entries.map(\.target))
    }

    func change(_ body: (inout SiteState, SiteState.Hand) -> Void) {
        clock.advance(by: 1_000)
        jira.site.change { body(&$0, SiteState.Hand(user: 0, now: clock.now)) }
    }

    func shown() async throws -> Int {
        let (source, now) = (source, time.now())
        return try await store.read { connection in
            try ProjectRecords.all(source: source.id, in: connection)
                .count { ProjectRecords.access(of: $0, source: source, now: now).isShown }
        }
    }

    /// Everything that decides access, as it is stored.
    func facts() async throws -> AccessFacts {
        let id = source.id
        return try await store.read { try AccessRecords.facts(source: id, withPeople: true, in: $0) }
    }
}

/// Changes requests on their way, or answers in the site's place.
struct AlteringTransport: HTTPTransport {
    let transport: any HTTPTransport
    let answer: @Sendable (inout HTTPRequest) -> HTTPResponse?

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        var request = request
        if let response = answer(&request) { return response }
        return try await transport.send(request)
    }
}
