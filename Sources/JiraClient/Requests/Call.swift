import HTTPMessages
import IssueDecoding

/// One request the client can make, before it knows the site. Other targets may ask for what this one has no method for.
package struct Call: Sendable {
    /// Which part of Jira's interface answers.
    package enum Interface: Sendable { case platform, agile, site }

    /// Where a read needs a body, Jira takes it as a POST. Nothing is written but this program's own webhooks.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    var method: Method
    var interface: Interface
    /// Path below the interface with a `{name}` for each segment of `segments`.
    var template: String
    var segments: [String]
    var query: [(name: String, value: String)]
    var body: [UInt8]
    var bodyLimit: Int
    var timeout: Duration
    /// Whether asking once more, after an answer was lost, does no more than asking once.
    package var isRepeatable = true

    package init(
        _ method: Method, _ template: String, _ segments: [String] = [], in interface: Interface = .platform,
        query: [(name: String, value: String)] = [], body: [UInt8] = [], bodyLimit: Int = 64 << 20,
        timeout: Duration = .seconds(60)
    ) {
        self.method = method
        self.interface = interface
        self.template = template
        self.segments = segments
        self.query = query
        self.body = body
        self.bodyLimit = bodyLimit
        self.timeout = timeout
    }

    func setting(_ name: String, _ value: some CustomStringConvertible) -> Call {
        var call = self
        call.query.removeAll { $0.name == name }
        call.query.append((name, value.description))
        return call
    }

    /// What the pace is kept for and what errors and logs name: no ids in it.
    func endpoint(_ flavour: Flavour) -> Endpoint {
        Endpoint(method: method.rawValue, path: prefix(flavour) + template)
    }

    func request(to base: String, _ flavour: Flavour, headers: HTTPHeaders) -> HTTPRequest {
        var headers = headers
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        let suffix = query.isEmpty ? "" : "?" + PercentEncoding.query(query)
        return HTTPRequest(
            HTTPMethod(rawValue: method.rawValue), base + prefix(flavour) + expandedPath + suffix, headers: headers,
            body: body,
            responseBodyLimit: bodyLimit, timeout: timeout)
    }

    private func prefix(_ flavour: Flavour) -> String {
        switch interface {
        case .platform: flavour.platformPath
        case .agile: "/rest/agile/1.0"
        case .site: ""
        }
    }

    private var expandedPath: String {
        guard !segments.isEmpty else { return template }
        var values = segments[...]
        return template.split(separator: "/").map { part in
            part.hasPrefix("{") ? "/" + PercentEncoding.encode(values.popFirst() ?? "") : "/" + part
        }.joined()
    }
}

/// A method and a path template: `GET /rest/api/3/issue/{id}/comment`.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public let method: String
    public let path: String

    public init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    public var description: String { "\(method) \(path)" }
}
