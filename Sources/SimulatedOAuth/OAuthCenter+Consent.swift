import FastJSON
import HTTPMessages
import SimulatedSite
import Synchronization

extension OAuthCenter {
    /// The page on which people choose who they are and allow or refuse. Real people sign in there; these are all at hand:
    /// `simulated_person` names one by address, and `simulated_answer=no` refuses.
    func authorize(_ query: [String: String]) -> HTTPResponse {
        let app = state.withLock { state in state.apps.first { $0.clientID == query["client_id"] } }
        guard let app else { return Self.page(400, "We could not find this app.") }
        guard let redirect = query["redirect_uri"], app.callbacks.contains(redirect) else {
            return Self.page(400, "The redirect_uri does not match a registered callback.")
        }
        let back = redirect + (redirect.contains("?") ? "&" : "?")
        let echo = query["state"].map { [(name: "state", value: $0)] } ?? []
        func send(_ items: [(name: String, value: String)]) -> HTTPResponse {
            HTTPResponse(status: 302, headers: ["Location": back + PercentEncoding.query(items + echo)])
        }
        guard query["audience"] == "api.atlassian.com", query["response_type"] == "code" else {
            return send([(name: "error", value: "invalid_request")])
        }
        let scopes = (query["scope"] ?? "").split(separator: " ").map(String.init)
        guard !scopes.isEmpty, app.scopes.isSuperset(of: scopes) else {
            return send([(name: "error", value: "invalid_scope")])
        }
        guard let address = query["simulated_person"] else { return Self.choice(of: site.current(), query) }
        let people = site.current().users
        guard
            let person = people.first(where: {
                $0.email.lowercased() == address.lowercased() && $0.isActive && !$0.isDeleted
            }), query["simulated_answer"] != "no"
        else { return send([(name: "error", value: "access_denied")]) }
        let until = site.clock.now() + Self.leeway
        let code = state.withLock { state in
            state.serial += 1
            let code = "code-\(state.serial)"
            state.codes[code] = Code(
                app: app.clientID, person: person.index, scopes: scopes, redirectURI: redirect, until: until)
            return code
        }
        return send([(name: "code", value: code)])
    }

    private static func choice(of site: SiteState, _ query: [String: String]) -> HTTPResponse {
        let items = query.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        let people = site.users.filter { $0.isActive && !$0.isDeleted && $0.kind == .atlassian }.prefix(20)
        let links = people.map { person in
            let link = "/authorize?" + PercentEncoding.query(items + [(name: "simulated_person", value: person.email)])
            return "<li><a href=\"\(escape(link))\">\(escape(person.displayName))</a></li>"
        }
        return page(200, "Who are you? Going on allows the app to read for you.", "<ul>\(links.joined())</ul>")
    }

    private static func page(_ status: Int, _ text: String, _ more: String = "") -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"],
            body: Array("<!doctype html><title>Simulated sign-in</title><p>\(escape(text))</p>\(more)".utf8))
    }

    private static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }

    /// `GET /oauth/token/accessible-resources`. Other products of a site are entries of their own.
    func listResources(_ request: HTTPRequest) -> HTTPResponse {
        let header = request.headers["Authorization"] ?? ""
        guard header.hasPrefix("Bearer "), let holder = holder(of: String(header.dropFirst(7))) else {
            return Self.json(401) { json in
                json.member("code", 401)
                json.member("message", "Unauthorized")
            }
        }
        var json = JSONWriter()
        json.array { json in
            for resource in resources {
                for scopes in [
                    holder.scopes.filter { $0 != "offline_access" }.sorted(), ["read:confluence-space.summary"],
                ] {
                    json.object { json in
                        json.member("id", resource.id)
                        json.member("url", resource.url)
                        json.member("name", resource.name)
                        json.key("scopes")
                        json.array { json in scopes.forEach { json.string($0) } }
                        json.member("avatarUrl", resource.url + "/avatar.png")
                    }
                }
            }
        }
        return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: json.bytes)
    }
}
