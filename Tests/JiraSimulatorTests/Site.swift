import FastJSON
import HTTPClient
import HTTPMessages
import JiraSimulator
import SimulatedSite

/// A simulated site on a port, and a client that speaks to it as one of its people.
struct Site {
    let server: SimulatorServer
    let transport: CurlTransport

    /// Runs a site for the time of `body`.
    static func with<Result>(
        _ flavour: SiteFlavour = .cloud, issues: Int = 60, lag: Int64 = 0,
        _ adjust: (inout SimulatorConfiguration) -> Void = { _ in }, _ body: (Site) async throws -> Result
    ) async throws -> Result {
        var configuration = SimulatorConfiguration()
        adjust(&configuration)
        let site = SimulatedSite(
            SiteConfiguration(flavour: flavour, seed: 7, issueCount: issues, indexLag: lag))
        let server = SimulatorServer(site: site, configuration: configuration)
        try server.start()
        let transport = CurlTransport()
        do {
            let result = try await body(Site(server: server, transport: transport))
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    var state: SiteState { server.site.current() }
    var tour: Tour { server.site.tour }

    /// The answer to a request sent as `user`; nobody when nil.
    func send(
        _ method: HTTPMethod = .get, _ path: String, as user: User? = nil, body: JSONValue? = nil,
        authorization: String? = nil, host: String? = nil
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, (host ?? server.url) + path)
        let header = authorization ?? user.map { authorize($0) }
        if let header { request.headers["Authorization"] = header }
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = body.serialized()
        }
        return try await transport.send(request)
    }

    /// The JSON of an answer that must have status 200.
    func json(
        _ method: HTTPMethod = .get, _ path: String, as user: User? = nil, body: JSONValue? = nil
    ) async throws -> JSONValue {
        let response = try await send(method, path, as: user, body: body)
        guard response.status == 200 else {
            throw Unexpected(status: response.status, body: String(decoding: response.body, as: UTF8.self))
        }
        return try JSONValue(parsing: response.body)
    }

    struct Unexpected: Error {
        let status: Int
        let body: String
    }

    func authorize(_ user: User) -> String {
        state.configuration.flavour.isCloud
            ? basic(user.email, user.apiToken) : "Bearer \(user.personalAccessToken)"
    }

    func basic(_ user: String, _ secret: String) -> String { "Basic " + base64("\(user):\(secret)") }

    private func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let chunk = bytes[start..<min(start + 3, bytes.count)]
            let value = chunk.reduce(0) { $0 << 8 | UInt32($1) } << UInt32((3 - chunk.count) * 8)
            for position in 0..<4 {
                result.append(
                    position <= chunk.count ? alphabet[Int(value >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "=")
                )
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension JSONValue {
    func values(_ name: String) -> [JSONValue] { self[name]?.array ?? [] }
    func text(_ path: String...) -> String? {
        path.reduce(self as JSONValue?) { $0?[$1] }?.string
    }
}
