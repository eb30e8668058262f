public import SimulatedOAuth
public import SimulatedSite
import Synchronization
public import SimulatedWebhooks
public import WebServer

/// A simulated Jira on a port.
///
/// ```swift
/// let server = SimulatorServer(site: SimulatedSite(SiteConfiguration(issueCount: 500)))
/// try server.start()
/// print(server.url)
/// await server.stop()
/// ```
public final class SimulatorServer: Sendable {
    private let simulator: Simulator
    private let server: WebServer

    public init(site: SimulatedSite, configuration: SimulatorConfiguration = SimulatorConfiguration()) {
        let simulator = Simulator(site: site, configuration: configuration, clock: .system)
        self.simulator = simulator
        var web = WebServerConfiguration(host: configuration.host, port: configuration.port)
        web.threads = configuration.threads
        server = WebServer(web) { simulator.respond(to: $0) }
    }

    public var site: SimulatedSite { simulator.site }

    /// Starts listening; ``stop()`` must follow.
    public func start() throws(WebServerError) {
        try server.start()
        simulator.mediaBase = server.url
        simulator.base = simulator.configuration.publicURL ?? server.url + simulator.configuration.contextPath
    }

    /// Stops listening; answers under way may end within a moment.
    public func stop() async { await server.stop(grace: .milliseconds(200)) }

    /// Listens until the surrounding task is cancelled.
    public func run(started: @Sendable () -> Void = {}) async throws(WebServerError) {
        try await server.run {
            simulator.mediaBase = server.url
            simulator.base = simulator.configuration.publicURL ?? server.url + simulator.configuration.contextPath
            started()
        }
    }

    /// The port, once started.
    public var port: Int { server.port }

    /// The site's URL with its context path, without a trailing slash.
    public var url: String { simulator.base }

    /// The site's address at the API gateway, where tokens with scopes are good; Cloud only.
    public var gatewayURL: String { "\(server.url)/ex/jira/\(simulator.configuration.cloudID)" }

    /// The gateway's own address, what `https://api.atlassian.com` is to a real site.
    public var gatewayHost: String { server.url }

    /// Who wants to hear of changes, and the deliveries on their way, which are due by real time.
    public var webhooks: WebhookCenter { simulator.webhooks }

    /// Gives the site another base URL: what answers show, and what identifies the site stays.
    public func changeURL(to url: String) { simulator.base = url }

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

    /// Renders every issue and history before anybody asks, as `caller` would have them, so that a benchmark measures its
    /// subject and not this simulator. Uses two threads.
    @concurrent public func prerender(for caller: Caller) async { await simulator.prerender(for: caller) }
}

/// Ids of everything somebody may see: what a synchronised copy is compared with.
public struct SiteTruth: Sendable, Hashable {
    public var issues: [Int]
    public var comments: [Int]
    public var worklogs: [Int]
    public var attachments: [Int]
}
