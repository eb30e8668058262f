public import HTTPMessages
import SimulatedData
public import SimulatedSite
import WebServer

/// A simulated Jira without sockets: a transport that answers requests in the caller's own task.
///
/// The same router, credentials, faults, limits and log as ``SimulatorServer``, for tests that run thousands of sites. Any
/// number of tasks may send at once; nothing has to be started or stopped.
///
/// ```swift
/// let jira = InProcessJira(site: SimulatedSite(.tiny(seed: 7)))
/// let answer = try await jira.send(HTTPRequest(.get, jira.url + "/rest/api/3/myself", headers: …))
/// ```
public final class InProcessJira: HTTPTransport {
    private let simulator: Simulator
    private let origin: String
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - configuration: Its host, port and threads mean nothing here; without a public URL the site is at
    ///     `http://jira.localhost` and its context path.
    ///   - pause: Waits for delays and slow bodies; a test with a clock of its own gives its own.
    public init(
        site: SimulatedSite, configuration: SimulatorConfiguration = SimulatorConfiguration(),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let origin = configuration.publicURL.flatMap { URLParts($0)?.origin } ?? "http://jira.localhost"
        self.origin = origin
        self.pause = pause
        simulator = Simulator(site: site, configuration: configuration)
        simulator.mediaBase = origin
        simulator.base = configuration.publicURL ?? origin + configuration.contextPath
    }

    public var site: SimulatedSite { simulator.site }

    /// The site's URL with its context path, without a trailing slash.
    public var url: String { simulator.base }

    /// The gateway's own address, what `https://api.atlassian.com` is to a real site.
    public var gatewayHost: String { origin }

    /// The site's address at the API gateway, where tokens with scopes are good; Cloud only.
    public var gatewayURL: String { "\(origin)/ex/jira/\(simulator.configuration.cloudID)" }

    public var faults: FaultPlan { simulator.faults }
    public var log: RequestLog { simulator.log }
    public var credentials: SimulatedCredentials { SimulatedCredentials(site.current()) }

    /// Withdraws a token or password: requests with it are answered as if it were wrong.
    public func revoke(_ secret: String) { simulator.logins.revoke(secret) }

    /// Undoes ``revoke(_:)``.
    public func restore(_ secret: String) { simulator.logins.restore(secret) }

    /// Lets people sign in again after too many wrong passwords.
    public func clearLoginFailures() { simulator.logins.clearFailures() }

    /// What `caller` may see of the site as it is now.
    public func truth(for caller: Caller) -> SiteTruth { simulator.truth(for: caller) }

    /// Answers one request.
    ///
    /// - Throws: ``HTTPTransportError``: `cannotConnect` for another origin, `connectionLost` where a fault breaks the
    ///   connection or the body, `timedOut` at once where the answer would come too late, `bodyTooLarge`, `cancelled`.
    public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        if Task.isCancelled { throw HTTPTransportError(.cancelled) }
        guard let parts = URLParts(request.url) else { throw HTTPTransportError(.invalidURL) }
        guard parts.origin == origin else { throw HTTPTransportError(.cannotConnect, detail: parts.host) }
        var arrived = request
        arrived.url = (parts.path.isEmpty ? "/" : parts.path) + parts.suffix
        let prepared = simulator.prepare(WebRequest(arrived, remoteAddress: "127.0.0.1"))
        var response = prepared.response
        var wait = prepared.wait
        for kind in prepared.kinds {
            switch kind {
            case .reset, .torn: throw HTTPTransportError(.connectionLost, detail: "the simulated site hung up")
            case .slow(let chunk, let interval):
                if case .bytes(let body) = response.content { wait += interval * (body.count / max(chunk, 1) + 1) }
            case .truncatedJSON: response = Simulator.deliver(response, [kind])
            default: continue
            }
        }
        if wait > request.timeout { throw HTTPTransportError(.timedOut) }
        if wait > .zero {
            do { try await pause(wait) } catch { throw HTTPTransportError(.cancelled) }
        }
        guard case .bytes(let body) = response.content else {
            throw HTTPTransportError(.other, detail: "the simulated site streams this answer")
        }
        guard body.count <= request.responseBodyLimit else { throw HTTPTransportError(.bodyTooLarge) }
        if response.headers["Date"] == nil {
            response.headers["Date"] = Simulator.httpDate(site.clock.now())
        }
        return HTTPResponse(
            status: response.status, headers: response.headers, body: request.method == .head ? [] : body)
    }
}
