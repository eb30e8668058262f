import SimulatedJSON
import WebServer

/// Where a request is addressed to: the site, the gateway in front of it, or a door only the simulator has.
struct Target {
    enum Place { case site, gateway, control, media, elsewhere }

    let place: Place
    /// The path without the context path or the gateway's prefix.
    let path: Substring
    /// ``path`` with the API's version cut out: `/api/issue/{id}`, `/agile/board`, `/secure/…`.
    let route: String
    let version: APIVersion

    init(_ path: Substring, configuration: SimulatorConfiguration) {
        var path = path
        if path.hasPrefix("/__simulator/") || path.hasPrefix("/__media/") {
            self.init(place: path.hasPrefix("/__s") ? .control : .media, path: path, version: .v2, route: "")
            return
        }
        var place = Place.site
        let gateway = "/ex/jira/\(configuration.cloudID)/"
        if path.hasPrefix(gateway) {
            place = .gateway
            path = path.dropFirst(gateway.count - 1)
        } else if path.hasPrefix("/ex/jira/") {
            place = .elsewhere
        } else if !configuration.contextPath.isEmpty {
            if path.hasPrefix(configuration.contextPath + "/") {
                path = path.dropFirst(configuration.contextPath.count)
            } else {
                place = .elsewhere
            }
        }
        let versions: [(String, APIVersion)] = [("3/", .v3), ("2/", .v2), ("latest/", .v2)]
        if path.hasPrefix("/rest/api/") {
            let rest = path.dropFirst("/rest/api/".count)
            if let (prefix, version) = versions.first(where: { rest.hasPrefix($0.0) }) {
                let route = (version == .v3 ? "/api3/" : "/api/") + rest.dropFirst(prefix.count)
                self.init(place: place, path: path, version: version, route: route)
                return
            }
        }
        let agile = "/rest/agile/1.0/"
        let route = path.hasPrefix(agile) ? "/agile/" + path.dropFirst(agile.count) : String(path)
        self.init(place: place, path: path, version: .v2, route: route)
    }

    private init(place: Place, path: Substring, version: APIVersion, route: String) {
        self.place = place
        self.path = path
        self.version = version
        self.route = route
    }
}
