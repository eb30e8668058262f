import HTTPMessages
import WebServer

/// One endpoint.
struct Route: Sendable {
    typealias Action = @Sendable (Call) throws -> WebResponse

    /// Method and pattern, for the log.
    let name: String
    let scope: SimulatedCredential.Scope
    let needsLogin: Bool
    let action: Action
}

/// Collects the endpoints of one flavour.
struct Routes {
    private(set) var table = RouteTable<Route>()
    let isCloud: Bool

    static func table(isCloud: Bool) -> RouteTable<Route> {
        var routes = Routes(isCloud: isCloud)
        routes.addSite()
        routes.addIssues()
        routes.addSearch()
        routes.addIssueParts()
        routes.addWorklogFeeds()
        routes.addPeople()
        routes.addProjects()
        routes.addCatalogue()
        routes.addPermissions()
        routes.addSecurity()
        routes.addAttachments()
        routes.addAgile()
        routes.addWebhooks()
        return routes.table
    }

    /// Adds an endpoint below `/rest/api/2/` and, on Cloud, its twin below `/rest/api/3/`.
    mutating func api(
        _ method: HTTPMethod, _ pattern: String, scope: SimulatedCredential.Scope = .work, needsLogin: Bool = false,
        _ action: @escaping Route.Action
    ) {
        let route = Route(
            name: "\(method.rawValue) \(pattern)", scope: scope, needsLogin: needsLogin, action: action)
        table.add(method, "/api/" + pattern, route)
        if isCloud { table.add(method, "/api3/" + pattern, route) }
    }

    /// Adds an endpoint at any other path.
    mutating func add(
        _ method: HTTPMethod, _ path: String, scope: SimulatedCredential.Scope = .work, needsLogin: Bool = false,
        _ action: @escaping Route.Action
    ) {
        table.add(
            method, path,
            Route(name: "\(method.rawValue) \(path)", scope: scope, needsLogin: needsLogin, action: action))
    }
}
