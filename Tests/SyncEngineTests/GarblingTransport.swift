import HTTPMessages

/// A Jira whose issues come with some of their text replaced: with members of a kind that no Jira sends.
struct GarblingTransport: HTTPTransport {
    private let wrapped: any HTTPTransport
    private let text: String
    private let replacement: String

    init(_ wrapped: any HTTPTransport, _ text: String, with replacement: String) {
        self.wrapped = wrapped
        self.text = text
        self.replacement = replacement
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        var response = try await wrapped.send(request)
        guard request.url.contains("/issue/bulkfetch") || request.url.contains("/search") else { return response }
        response.body = Array(String(decoding: response.body, as: UTF8.self).replacing(text, with: replacement).utf8)
        return response
    }
}
