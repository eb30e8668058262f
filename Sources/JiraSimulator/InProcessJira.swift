public import HTTPMessages
public import SimulatedData
public import SimulatedOAuth
public import SimulatedSite
public import SimulatedWebhooks
import Synchronization
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
    private let origins: Mutex<[String]>
    private let receiver: (any HTTPTransport)?
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - configuration: Its host, port and threads mean nothing here; without a public URL the site is at
    ///     `http://jira.localhost` and its context path.
    ///   - receiver: Where ``deliverDue(until:)`` sends webhooks.
    ///   - pause: Waits for delays and slow bodies; a test with a clock of its own gives its own.
    public init(
        site: SimulatedSite, configuration: SimulatorConfiguration = SimulatorConfiguration(),
        deliver receiver: (any HTTPTransport)? = nil,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let origin = configuration.publicURL.flatMap { URLParts($0)?.origin } ?? "http://jira.localhost"
        origins = Mutex([origin])
        self.receiver = receiver
        self.pause = pause
        simulator = Simulator(site: site, configuration: configuration, clock: site.clock)
        simulator.mediaBase = origin
        simulator.base = configuration.publicURL ?? origin + configuration.contextPath
    }

    public var site: SimulatedSite { simulator.site }

    /// The site's URL with its context path, without a trailing slash.
    public var url: String { simulator.base }

    /// The gateway's own address, what `https://api.atlassian.com` is to a real site.
    public var gatewayHost: String { simulator.mediaBase }

    /// The site's address at the API gateway, where tokens with scopes are good; Cloud only.
    public var gatewayURL: String { "\(gatewayHost)/ex/jira/\(simulator.configuration.cloudID)" }

    /// Who wants to hear of changes, and the deliveries on their way.
    public var webhooks: WebhookCenter { simulator.webhooks }

    /// Sends the webhooks due by `moment` of the site's clock, or by now, one after the other to ``init(site:configuration:deliver:pause:)``'s
    /// receiver. Without one they wait.
    @discardableResult
    public func deliverDue(until moment: Milliseconds? = nil) async -> DeliveryCount {
        guard let receiver else { return DeliveryCount() }
        return await simulator.webhooks.deliverDue(until: moment, through: receiver)
    }

    /// Gives the site another address, as when a Cloud site or a Data Center's base URL is renamed; what identifies it stays.
    ///
    /// - Parameter keepsOld: Whether the old address goes on answering.
    public func changeURL(to url: String, keepsOld: Bool = false) {
        guard let origin = URLParts(url)?.origin else { return }
        origins.withLock { $0 = keepsOld ? [origin] + $0 : [origin] }
        simulator.mediaBase = origin
        simulator.base = url
    }

    /// Where people sign in and apps get tokens, under the simulator's own host; Cloud only.
    public var oauth: OAuthCenter { simulator.oauth }

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
        guard origins.withLock({ $0.contains(parts.origin) }) else {
            throw HTTPTransportError(.cannotConnect, detail: parts.host)
        }
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
