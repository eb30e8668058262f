import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

/// One request to one endpoint, with the picture of the site it is answered from.
struct Call {
    let simulator: Simulator
    let request: WebRequest
    let target: Target
    let captures: [String: String]
    let identity: Identity
    let faults: [Fault.Kind]
    let state: SiteState
    let query: FormValues

    init(
        simulator: Simulator, request: WebRequest, target: Target, route: (route: Route, captures: [String: String]),
        identity: Identity, faults: [Fault.Kind]
    ) {
        self.simulator = simulator
        self.request = request
        self.target = target
        captures = route.captures
        self.identity = identity
        self.faults = faults
        state = simulator.site.current()
        query = request.query
    }

    var caller: Caller { identity.caller }
    var isCloud: Bool { simulator.isCloud }
    var configuration: SimulatorConfiguration { simulator.configuration }
    var viewer: Viewer { simulator.viewer(caller, in: state) }
    var renderer: Renderer { simulator.renderer(target.version, zone: zone, state: state) }

    /// The zone times are written in: the caller's own on Cloud, the server's elsewhere.
    var zone: SiteTimeZone {
        guard isCloud, case .user(let index) = caller else { return .utc }
        return state.users[index].timeZone
    }

    /// The person who asks; nil for nobody.
    var person: User? {
        if case .user(let index) = caller { state.users[index] } else { nil }
    }

    func capture(_ name: String) -> String { captures[name] ?? "" }

    /// A whole-number parameter; one that is none is refused as Jira refuses it.
    func integer(_ name: String, default fallback: Int) throws -> Int {
        guard let text = query[name], !text.isEmpty else { return fallback }
        guard let value = Int(text) else { throw Refusal(404, "The value '\(text)' of '\(name)' is not a number.") }
        return value
    }

    /// The body as a JSON object.
    func body() throws -> JSONValue {
        guard !request.message.body.isEmpty else {
            throw Refusal(400, "No content to map to Object due to end of input")
        }
        guard let value = try? JSONValue(parsing: request.message.body), case .object = value else {
            throw Refusal(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        }
        return value
    }

    /// Refuses a body with members the endpoint does not have.
    func onlyMembers(_ allowed: Set<String>, of body: JSONValue) throws {
        guard case .object(let members) = body, let stranger = members.first(where: { !allowed.contains($0.key) })
        else {
            return
        }
        throw Refusal(400, "Invalid request payload: unknown property '\(stranger.key)'.")
    }

    func requireAdministrator() throws {
        guard viewer.isAdministrator else { throw Refusal.administratorsOnly }
    }

    /// The issue a path names, if the caller may open it.
    func issue() throws -> Int {
        guard let ordinal = state.ordinal(idOrKey: capture("issue")), viewer.sees(issue: ordinal) else {
            throw Refusal.issueNotFound
        }
        return ordinal
    }

    /// The project a path names, if the caller sees it.
    func project() throws -> Project {
        let name = capture("project")
        guard let project = state.project(idOrKey: name), !project.isGone,
            viewer.sees(project: project.index) || viewer.isAdministrator
        else { throw Refusal.projectNotFound(name) }
        return project
    }

    /// One page of `elements` in Jira's envelope: startAt, maxResults, total, isLast and the elements under `name`.
    func page<Element>(
        _ elements: [Element], under name: String = "values", default size: Int = 50, limit: Int = 1_000,
        hasLast: Bool = true, _ write: (Element, inout JSONWriter) -> Void
    ) throws -> WebResponse {
        let start = max(0, try integer("startAt", default: 0))
        let count = min(max(0, try integer("maxResults", default: size)), limit)
        let slice = elements.dropFirst(start).prefix(count)
        let isLast = start + slice.count >= elements.count
        var response = WebResponse.json { json in
            if hasLast {
                let path = "\(simulator.base)\(target.path)"
                json.member("self", "\(path)\(request.suffix)")
                if !isLast, count > 0 {
                    json.member("nextPage", "\(path)?startAt=\(start + slice.count)&maxResults=\(count)")
                }
            }
            json.member("maxResults", count)
            json.member("startAt", start)
            json.member("total", elements.count)
            if hasLast { json.member("isLast", isLast) }
            json.member(name, array: { json in for element in slice { write(element, &json) } })
        }
        response.headers[PointsQuota.header] = String(slice.count)
        return response
    }

    /// The elements as a bare array.
    func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) -> WebResponse {
        .jsonArray { json in for element in elements { write(element, &json) } }
    }

    /// The rendered issue as the caller sees it, from the cache where it is the same for everybody.
    func rendered(_ ordinal: Int, _ renderer: Renderer, _ viewer: Viewer) -> RenderedIssue {
        let full = simulator.rendered(ordinal, renderer)
        guard !full.isComplete(for: viewer) else { return full }
        return simulator.issueRenderer(renderer, viewer).render(ordinal)
    }
}

extension Simulator {
    func issueRenderer(_ renderer: Renderer, _ viewer: Viewer?) -> IssueRenderer {
        IssueRenderer(
            renderer: renderer, viewer: viewer, embeddedComments: configuration.embeddedComments,
            embeddedWorklogs: configuration.embeddedWorklogs)
    }

    /// The issue with everything in it.
    func rendered(_ ordinal: Int, _ renderer: Renderer, content: IssueContent? = nil) -> RenderedIssue {
        let version = renderer.state.version
        let key = IssueCache.Key(
            ordinal: Int32(ordinal), profile: profile(renderer.version, zone: renderer.zone))
        if let known = cache.issue(key, version: version) { return known }
        let issue = issueRenderer(renderer, nil).render(ordinal, content: content)
        cache.keep(issue, key, version: version)
        return issue
    }
}
