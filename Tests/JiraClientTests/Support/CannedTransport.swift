import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Synchronization

/// Answers requests from a closure and remembers them.
final class CannedTransport: HTTPTransport {
    typealias Answer = @Sendable (HTTPRequest, Int) throws(HTTPTransportError) -> HTTPResponse

    private let answer: Answer
    private let log = Mutex<[HTTPRequest]>([])

    /// - Parameter answer: Is given the request and how many came before it.
    init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    var requests: [HTTPRequest] { log.withLock { $0 } }
    var paths: [String] { requests.map { Target($0.url).path } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let number = log.withLock { log in
            log.append(request)
            return log.count - 1
        }
        return try answer(request, number)
    }
}

/// A request's URL taken apart.
struct Target {
    let path: String
    let query: [(name: String, value: String)]

    init(_ url: String) {
        let parts = URLParts(url)
        path = parts?.path ?? url
        query = (parts?.suffix.dropFirst() ?? "").split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(halves[0]), halves.count > 1 ? Self.decoded(halves[1]) : "")
        }
    }

    subscript(_ name: String) -> String? { query.first { $0.name == name }?.value }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HTTPRequest {
    /// The body read as JSON; `null` where there is none.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

extension HTTPResponse {
    static func json(_ text: String, status: Int = 200, headers: HTTPHeaders = [:]) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/json;charset=UTF-8"
        return HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        json(String(decoding: value.serialized(), as: UTF8.self), status: status)
    }

    static func page(_ html: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/html"], body: Array(html.utf8))
    }
}

extension SiteIdentity {
    static let cloud = SiteIdentity(
        product: .cloud, baseURL: "https://acme.atlassian.net", apiBase: "https://acme.atlassian.net",
        siteID: "11111111-2222-3333-4444-555555555555", version: "1001.0.0-SNAPSHOT", timeZone: "Europe/Berlin")
    static let dataCenter = SiteIdentity(
        product: .dataCenter, baseURL: "https://jira.example.com/jira", apiBase: "https://jira.example.com/jira",
        version: "10.3.24", timeZone: "America/New_York")

    static func of(_ flavour: Flavour) -> SiteIdentity { flavour == .cloud ? .cloud : .dataCenter }
}

extension Credential {
    static func of(_ flavour: Flavour) -> Credential {
        flavour == .cloud
            ? .apiToken(email: "mia@example.com", token: "ATATT-secret") : .personalAccessToken("NjE-secret")
    }
}

extension JiraClient {
    /// A client whose time is virtual and whose jitter is none.
    static func test(
        _ flavour: Flavour, credential: Credential? = nil, time: VirtualTime = VirtualTime(),
        options: Options = Options(), _ transport: CannedTransport
    ) -> JiraClient {
        var options = options
        options.random = { 0.5 }
        return JiraClient(
            .of(flavour), credential ?? .of(flavour), transport: transport, options: options, time: time.source)
    }
}

extension IssueDecoder {
    static func test(_ flavour: Flavour = .cloud, _ fields: [Field] = []) -> IssueDecoder {
        IssueDecoder(fields: FieldCatalogue(fields), flavour: flavour)
    }
}
