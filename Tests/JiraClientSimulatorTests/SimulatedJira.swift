import HTTPClient
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import Synchronization

/// A simulated site on a port, reached as the client reaches a real one.
struct SimulatedJira {
    let server: SimulatorServer
    let transport = CurlTransport()

    /// Runs a site for the time of `body`.
    static func with<Result>(
        _ flavour: SiteFlavour, issues: Int = 120, _ adjust: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (SimulatedJira) async throws -> Result
    ) async throws -> Result {
        var configuration = SimulatorConfiguration()
        adjust(&configuration)
        let site = SimulatedSite(SiteConfiguration(flavour: flavour, seed: 11, issueCount: issues))
        let server = SimulatorServer(site: site, configuration: configuration)
        try server.start()
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(SimulatedJira(server: server)))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        return try result.get()
    }

    func identify(_ credential: Credential, address: String? = nil) async throws -> SiteIdentity {
        try await SiteProbe(transport: transport, apiURL: server.gatewayHost)
            .identify(try SiteAddress(address ?? server.url), credential)
    }

    func client(_ credential: Credential) async throws -> JiraClient {
        JiraClient(try await identify(credential), credential, transport: transport, time: SkippedTime().source)
    }

    func administrator() async throws -> (client: JiraClient, caller: Caller) {
        let administrator = server.credentials.administrator
        guard let administrator else { throw JiraError(.notFound) }
        return (try await client(credential(administrator)), .user(administrator.index))
    }

    func credential(_ user: User, _ kind: SimulatedCredential.Kind? = nil) -> Credential {
        let all = server.credentials.all(of: user)
        return (all.first { kind == nil || $0.kind == kind }).map { Self.credential($0) } ?? .anonymous
    }

    static func credential(_ simulated: SimulatedCredential) -> Credential {
        switch simulated.kind {
        case .apiToken, .scopedToken: .apiToken(email: simulated.user, token: simulated.secret)
        case .personalAccessToken: .personalAccessToken(simulated.secret)
        case .password: .password(username: simulated.user, password: simulated.secret)
        }
    }
}

extension JiraClient {
    /// Every issue this account may see, complete.
    func everyIssue(_ query: IssueQuery = IssueQuery()) async throws -> IssueBatch {
        let decoder = IssueDecoder(fields: FieldCatalogue(try await fields()), flavour: flavour)
        var batch = IssueBatch()
        var cursor: IssueCursor?
        repeat {
            let page = try await issueIDs(query, after: cursor)
            batch.append(try await issues(ids: page.ids, decoder: decoder))
            cursor = page.next
        } while cursor != nil
        return batch
    }
}

/// Time in which every wait is over at once, and yet has passed: back-off costs the tests nothing.
final class SkippedTime: Sendable {
    private let skipped = Mutex(Duration.zero)

    var source: TimeSource {
        let system = TimeSource.system
        return TimeSource(
            elapsed: { system.elapsed() + self.skipped.withLock { $0 } }, now: system.now,
            sleep: { duration in
                try Task.checkCancellation()
                self.skipped.withLock { $0 += duration }
            })
    }
}
