import HTTPMessages
import IssueDecoding
public import IssueModel

extension JiraClient {
    /// The bytes of an attachment.
    ///
    /// Cloud: `GET /attachment/content/{id}?redirect=false`. Data Center: `GET /secure/attachment/{id}/{name}`. Where
    /// the site redirects to its store of files all the same, the credential is not sent along.
    ///
    /// - Parameter limit: Bytes; a larger attachment is `tooLarge`.
    /// - Throws: `loginPage` where a page came in place of the file.
    public func content(of attachment: Attachment, limit: Int) async throws(JiraError) -> [UInt8] {
        var call: Call =
            switch flavour {
            case .cloud:
                Call(.get, "/attachment/content/{id}", [attachment.id.rawValue], query: [("redirect", "false")])
            case .dataCenter:
                Call(
                    .get, "/secure/attachment/{id}/{name}", [attachment.id.rawValue, attachment.filename], in: .site)
            }
        call.bodyLimit = limit
        let answer = try await perform(call, expectsJSON: false, acceptsRedirect: true) { response, _ in response }
        guard (300..<400).contains(answer.status) else { return try checked(answer, attachment, call) }
        return try checked(try await follow(answer, call, limit), attachment, call)
    }

    private func checked(
        _ response: HTTPResponse, _ attachment: Attachment, _ call: Call
    ) throws(JiraError) -> [UInt8] {
        let isPage = response.headers["Content-Type"]?.lowercased().contains("html") == true
        if isPage, !attachment.mimeType.lowercased().contains("html"),
            response.headers["Content-Disposition"] == nil, response.body.count != Int(attachment.size)
        {
            throw JiraError(.loginPage, endpoint: call.endpoint(flavour).description, status: response.status)
        }
        return response.body
    }

    private func follow(_ answer: HTTPResponse, _ call: Call, _ limit: Int) async throws(JiraError) -> HTTPResponse {
        let endpoint = call.endpoint(flavour)
        guard let location = answer.headers["Location"], isTrusted(location) else {
            throw JiraError(.loginPage, endpoint: endpoint.description, status: answer.status)
        }
        let request = HTTPRequest(
            .get, location, headers: ["User-Agent": options.userAgent], responseBodyLimit: limit,
            timeout: options.timeout)
        do throws(HTTPTransportError) {
            let response = try await transport.send(request)
            count {
                $0.requests += 1
                $0.bytesReceived += Int64(response.body.count)
            }
            guard response.status == 200 else {
                throw HTTPTransportError(.other, detail: "the file store answered \(response.status)")
            }
            return response
        } catch {
            throw JiraError(error, endpoint: endpoint)
        }
    }

    /// Atlassian's file store, over TLS only. Anything else in a `Location` could lead into the local network.
    private func isTrusted(_ location: String) -> Bool {
        guard let host = URLParts(location)?.host, location.lowercased().hasPrefix("https://") else { return false }
        return host == "api.media.atlassian.com" || host.hasSuffix(".media.atlassian.com")
    }
}
