import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedOAuth
import SimulatedRules
import SimulatedSearch
import SimulatedSite
import SimulatedWebhooks
import Synchronization
import WebServer

/// Answers requests as Jira would: finds the caller, the route and the faults that play, and decorates the answer.
final class Simulator: Sendable {
    let site: SimulatedSite
    let configuration: SimulatorConfiguration
    let faults = FaultPlan()
    let log = RequestLog()
    let cache: IssueCache
    let limiter: RateLimiter
    let logins: LoginAttempts
    let webhooks: WebhookCenter
    let oauth: OAuthCenter
    let quota: PointsQuota
    private let routes: RouteTable<Route>
    private static let cloudRoutes = Routes.table(isCloud: true)
    private static let otherRoutes = Routes.table(isCloud: false)
    private let memory = Mutex(Memory())

    private struct Memory {
        var base = ""
        var mediaBase = ""
        var parts: [PartsKey: Renderer.Parts] = [:]
        var viewers: [Caller: Viewer] = [:]
        var credentials: [String: SimulatedCredential] = [:]
        var credentialsVersion = -1
        var profiles: [String: Int32] = [:]
        var searches: [SearchKey: [Int32]] = [:]
        var searchesVersion = -1
    }

    private struct PartsKey: Hashable {
        var version: APIVersion
        var state: Int
        var base: String
    }

    struct SearchKey: Hashable {
        var jql: String
        var caller: Caller
        var validates: Bool
    }

    /// - Parameter clock: What webhooks are due by.
    init(site: SimulatedSite, configuration: SimulatorConfiguration, clock: SiteClock) {
        self.site = site
        self.configuration = configuration
        webhooks = WebhookCenter(site: site, plan: configuration.deliveryPlan, clock: clock)
        oauth = OAuthCenter(site: site)
        quota = PointsQuota(configuration.pointsPerHour)
        cache = IssueCache(limit: configuration.cacheLimit)
        limiter = RateLimiter(
            configuration.rateLimit, clock: configuration.limitsFollowSiteClock ? site.clock : nil)
        logins = LoginAttempts(limit: configuration.passwordAttempts)
        routes = site.configuration.flavour.isCloud ? Self.cloudRoutes : Self.otherRoutes
    }

    var isCloud: Bool { site.configuration.flavour.isCloud }

    /// The site's URL as answers show it.
    var base: String {
        get { memory.withLock { $0.base } }
        set {
            memory.withLock { $0.base = newValue }
            webhooks.base = newValue
            if isCloud {
                let site = OAuthCenter.Resource(id: configuration.cloudID, url: newValue, name: "Simulated site")
                oauth.resources = [site] + oauth.resources.filter { $0.id != site.id }
            }
        }
    }

    /// The server's own address.
    var mediaBase: String {
        get { memory.withLock { $0.mediaBase } }
        set { memory.withLock { $0.mediaBase = newValue } }
    }

    // MARK: What is worked out once

    func renderer(_ version: APIVersion, zone: SiteTimeZone, state: SiteState) -> Renderer {
        let key = PartsKey(version: version, state: state.version, base: base)
        let (base, known) = memory.withLock { (key.base, $0.parts[key]) }
        let parts = known ?? Renderer.Parts(state, version: version, base: base)
        if known == nil {
            memory.withLock { memory in
                if memory.parts.count > 8 { memory.parts = [:] }
                memory.parts[key] = parts
            }
        }
        return Renderer(state: state, version: version, base: base, zone: zone, parts: parts)
    }

    func viewer(_ caller: Caller, in state: SiteState) -> Viewer {
        if let known = memory.withLock({ $0.viewers[caller] }), known.state.version == state.version { return known }
        let viewer = site.viewer(caller, in: state)
        memory.withLock { memory in
            if memory.viewers.count > 64 { memory.viewers = [:] }
            memory.viewers[caller] = viewer
        }
        return viewer
    }

    /// Whose a header is; found once for each picture of the site, for there may be many people.
    func credential(
        _ header: String, in state: SiteState, find: () throws -> SimulatedCredential?
    ) rethrows -> SimulatedCredential? {
        let known = memory.withLock { $0.credentialsVersion == state.version ? $0.credentials[header] : nil }
        if let known { return known }
        guard let found = try find() else { return nil }
        memory.withLock { memory in
            if memory.credentialsVersion != state.version || memory.credentials.count > 1_000 {
                memory.credentials = [:]
                memory.credentialsVersion = state.version
            }
            memory.credentials[header] = found
        }
        return found
    }

    /// A small number for each way of rendering issues.
    func profile(_ version: APIVersion, zone: SiteTimeZone) -> Int32 {
        memory.withLock { memory in
            let name = "\(version.number) \(zone.identifier) \(memory.base)"
            let number = memory.profiles[name] ?? Int32(memory.profiles.count)
            memory.profiles[name] = number
            return number
        }
    }

    /// The ordinals a search finds, remembered while the index stays as it is.
    func search(_ jql: String, as caller: Caller, validates: Bool = true) throws -> [Int32] {
        let key = SearchKey(jql: jql, caller: caller, validates: validates)
        let version = site.indexed().version
        if let known = memory.withLock({ $0.searchesVersion == version ? $0.searches[key] : nil }) { return known }
        let found = try site.search(jql, as: caller, validates: validates).ordinals
        memory.withLock { memory in
            if memory.searchesVersion != version || memory.searches.count > 32 {
                memory.searches = [:]
                memory.searchesVersion = version
            }
            memory.searches[key] = found
        }
        return found
    }

    // MARK: Answering

    /// An answer before it is delivered, with the faults that break its delivery.
    struct Prepared {
        var response: WebResponse
        var kinds: [Fault.Kind] = []
        /// How long the answer is held back.
        var wait = Duration.zero
    }

    func respond(to request: WebRequest) -> WebAnswer {
        let prepared = prepare(request)
        let delivered = Self.deliver(prepared.response, prepared.kinds)
        guard prepared.wait > .zero else { return .now(delivered) }
        return .later {
            try? await Task.sleep(for: prepared.wait)
            return delivered
        }
    }

    func prepare(_ request: WebRequest) -> Prepared {
        let target = Target(request.path, configuration: configuration)
        switch target.place {
        case .control: return Prepared(response: control(request, path: target.path))
        case .media: return Prepared(response: media(request, path: target.path))
        case _ where isCloud && (target.path == "/authorize" || target.path.hasPrefix("/oauth/")):
            let answer = oauth.answer(request.message) ?? HTTPResponse(status: 404)
            return Prepared(response: WebResponse(answer))
        case .elsewhere:
            return Prepared(response: .html("Oops, you've found a dead link.", title: "Page not found", status: 404))
        case .site, .gateway: break
        }
        let kinds = faults.take(path: target.path)
        for case .beforeAnswer(let action) in kinds { action() }
        let (response, entry, route) = answer(request, target, kinds)
        var prepared = Prepared(response: decorate(response, entry, route: route, request), kinds: kinds)
        if configuration.clockSkew != 0 {
            prepared.response.headers["Date"] = Self.httpDate(site.clock.now() + configuration.clockSkew)
        }
        log.add(entry, route: route)
        prepared.wait = kinds.reduce(configuration.latency) { wait, kind in
            if case .delay(let more) = kind { wait + more } else { wait }
        }
        return prepared
    }

    private func answer(
        _ request: WebRequest, _ target: Target, _ kinds: [Fault.Kind]
    ) -> (WebResponse, RequestLog.Entry, String) {
        var entry = RequestLog.Entry(
            method: request.message.method.rawValue, target: String(target.path) + request.suffix, status: 0, bytes: 0)
        var name = "unknown"
        var response: WebResponse
        do {
            if let fault = Self.instead(kinds, self) {
                // Jira knows who asks even where it fails, and says so in a header.
                if case .user(let person)? = try? identify(request, target, asNobody: false).caller {
                    entry.person = person
                }
                throw fault
            }
            let identity = try identify(request, target, asNobody: kinds.hasAnonymous)
            if case .user(let person) = identity.caller { entry.person = person }
            let match = try route(request, target)
            name = match.route.name
            if let refusal = limiter.refusal(for: limiterKey(name, entry.person), isCloud: isCloud) { throw refusal }
            if identity.isApp, let wait = quota.wait(at: site.clock.now()) {
                throw Refusal.rateLimited(.globalQuota, wait, self)
            }
            try identity.check(match.route, isCloud: isCloud)
            response = try match.route.action(
                Call(simulator: self, request: request, target: target, route: match, identity: identity, faults: kinds)
            )
            if identity.isApp { quota.take(response, for: match.route, at: site.clock.now()) }
        } catch let refusal as Refusal {
            response = refusal.response
        } catch let error as JQLError {
            response = Refusal(400, messages: error.messages).response
        } catch {
            response = Refusal(500, "Internal server error").response
        }
        entry.status = response.status
        if case .bytes(let bytes) = response.content { entry.bytes = bytes.count }
        return (response, entry, name)
    }

    /// Cloud limits endpoints, Data Center people.
    func limiterKey(_ route: String, _ person: Int?) -> String {
        isCloud ? route : person.map { "person \($0)" } ?? "anonymous"
    }

    private func route(_ request: WebRequest, _ target: Target) throws -> (route: Route, captures: [String: String]) {
        switch routes.match(request.message.method, target.route) {
        case .found(let route, let captures): return (route, captures)
        case .methodNotAllowed(let allowed):
            var response = Refusal(405, "HTTP 405 Method Not Allowed").response
            response.headers["Allow"] = allowed.joined(separator: ", ")
            throw Refusal(response)
        case .notFound:
            throw Refusal(
                .json(status: 404) { json in
                    json.member("message", "null for uri: \(self.base)\(target.path)")
                    json.member("status-code", 404)
                })
        }
    }
}

extension WebRequest {
    /// `?` and the query, or nothing.
    var suffix: String { queryText.isEmpty ? "" : "?" + queryText }
}

extension [Fault.Kind] {
    var hasAnonymous: Bool { contains { if case .anonymous = $0 { true } else { false } } }
    var repeatsPage: Bool { contains { if case .repeatedPage = $0 { true } else { false } } }
    var pageShift: Int { reduce(0) { sum, kind in if case .shiftedPage(let by) = kind { sum + by } else { sum } } }
    var missingFromSearch: Set<Int> {
        Set(flatMap { kind -> [Int] in if case .missingFromSearch(let ids) = kind { ids } else { [] } })
    }
}
