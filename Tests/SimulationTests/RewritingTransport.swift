import FastJSON
import HTTPMessages

/// Changes requests or answers on their way.
struct RewritingTransport: HTTPTransport {
    private let inner: any HTTPTransport
    private let request: @Sendable (inout HTTPRequest) -> Void
    private let response: @Sendable (HTTPRequest, inout HTTPResponse) -> Void

    init(
        _ inner: any HTTPTransport, request: @escaping @Sendable (inout HTTPRequest) -> Void = { _ in },
        response: @escaping @Sendable (HTTPRequest, inout HTTPResponse) -> Void = { _, _ in }
    ) {
        self.inner = inner
        self.request = request
        self.response = response
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        var sent = request
        self.request(&sent)
        var answer = try await inner.send(sent)
        response(sent, &answer)
        return answer
    }
}

enum Rewriting {
    /// Three hours later in queries for changes, as if written for an account further east.
    static let laterHours: @Sendable (inout HTTPRequest) -> Void = { request in
        let text = String(decoding: request.body, as: UTF8.self)
        guard let start = text.firstRange(of: "updated >= \\\""),
            let space = text[start.upperBound...].firstIndex(of: " ")
        else { return }
        let from = text.index(after: space)
        let until = text.index(from, offsetBy: 2)
        guard let hour = Int(text[from..<until]) else { return }
        let later = String(min(23, hour + 3))
        request.body = Array(
            (text[..<from] + (later.count < 2 ? "0" : "") + later + text[until...]).utf8)
    }

    /// A page that follows another lacks its first issue.
    static let withoutFirstOfPage: @Sendable (HTTPRequest, inout HTTPResponse) -> Void = { request, response in
        guard request.url.hasSuffix("/search/jql"),
            String(decoding: request.body, as: UTF8.self).contains("nextPageToken"),
            case .object(var members)? = try? JSONValue(parsing: response.body),
            let index = members.firstIndex(where: { $0.key == "issues" }), let issues = members[index].value.array
        else { return }
        members[index].value = .array(Array(issues.dropFirst()))
        response.body = JSONValue.object(members).serialized()
    }
}
