import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel

/// Tells an answer of Jira from everything else that may come back in its place.
struct ResponseCheck {
    let endpoint: Endpoint
    let credential: Credential
    /// Whether the answer has to be JSON; attachments need not be.
    var expectsJSON = true
    /// Whether a redirect is an answer.
    var acceptsRedirect = false

    /// - Throws: the reason why `response` is not what was asked for.
    func verify(_ response: HTTPResponse) throws(JiraError) {
        try verifySignIn(response)
        switch response.status {
        case 200..<300: try verifyContent(response)
        case 300..<400 where acceptsRedirect: break
        case 300..<400: throw error(isLogin(response) ? .loginPage : .notJira, response)
        case 400: throw badRequest(response)
        case 401: throw unauthorised(response)
        case 403: throw error(.permissionMissing, response)
        case 404: throw error(.notFound, response)
        case 410: throw error(.gone, response)
        case 413: throw error(.tooLarge, response)
        case 429: throw error(.rateLimited, response)
        case 500...: throw error(.serverError, response)
        default: throw error(.badRequest, response)
        }
    }

    /// Jira's log-in filter reports in headers, whatever the status.
    private func verifySignIn(_ response: HTTPResponse) throws(JiraError) {
        if let denied = response.headers["X-Authentication-Denied-Reason"], denied.contains("CAPTCHA") {
            throw error(.captchaRequired, response)
        }
        let reason = response.headers["X-Seraph-LoginReason"]?.uppercased() ?? ""
        if reason.contains("AUTHENTICATION_DENIED") { throw error(.captchaRequired, response) }
        if reason.contains("AUTHENTICATED_FAILED") { throw error(.credentialRefused, response) }
        guard !credential.isAnonymous, (200..<300).contains(response.status) else { return }
        if response.headers["X-AUSERNAME"]?.lowercased() == "anonymous" { throw error(.credentialIgnored, response) }
    }

    private func verifyContent(_ response: HTTPResponse) throws(JiraError) {
        guard expectsJSON, !response.body.isEmpty else { return }
        if looksLikeHTML(response) { throw error(isLogin(response) ? .loginPage : .notJira, response) }
    }

    private func badRequest(_ response: HTTPResponse) -> JiraError {
        let messages = Self.messages(response)
        let isQuery = endpoint.path.contains("/search") || endpoint.path.contains("/jql")
        guard isQuery else { return error(.badRequest, response) }
        // Both flavours answer so for a project that was deleted or that the account lost access to.
        let namesProject = messages.contains {
            let text = $0.lowercased()
            return text.contains("for the field 'project'") || text.contains("for field 'project'")
        }
        return error(namesProject ? .projectMissing : .badQuery, response)
    }

    private func unauthorised(_ response: HTTPResponse) -> JiraError {
        // Nobody's credential was refused: signing in is what is missing.
        guard !credential.isAnonymous else { return error(.permissionMissing, response) }
        let saysScope = Self.messages(response).contains { $0.lowercased().contains("scope") }
        return error(saysScope ? .scopeMissing : .credentialRefused, response)
    }

    private func error(_ code: JiraError.Code, _ response: HTTPResponse) -> JiraError {
        JiraError(code, endpoint: endpoint.description, status: response.status, messages: Self.messages(response))
    }

    private func looksLikeHTML(_ response: HTTPResponse) -> Bool {
        if let type = response.headers["Content-Type"]?.lowercased() {
            if type.contains("json") { return false }
            if type.contains("html") { return true }
        }
        let first = response.body.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        return first == UInt8(ascii: "<")
    }

    /// A page with a form for signing in, or the way to one.
    private func isLogin(_ response: HTTPResponse) -> Bool {
        let start = String(decoding: response.body.prefix(16_384), as: UTF8.self).lowercased()
        let location = response.headers["Location"]?.lowercased() ?? ""
        let signs = ["login", "log in", "sign in", "signin", "password", "saml", "/oauth"]
        return signs.contains { start.contains($0) || location.contains($0) }
    }

    /// Jira's messages in any of the shapes it uses for errors: `errorMessages`, `errors`, `message`, a bare string.
    static func messages(_ response: HTTPResponse) -> [String] {
        guard response.status >= 400, response.body.count <= 1 << 20,
            let root = try? JSONValue(parsing: response.body)
        else { return [] }
        if let text = root.string { return [text] }
        var messages = root["errorMessages"]?.array?.compactMap(\.string) ?? []
        if case .object(let members)? = root["errors"] {
            messages += members.compactMap { member in member.value.string.map { "\(member.key): \($0)" } }
        }
        messages += root["errors"]?.array?.compactMap { $0["message"]?.string ?? $0.string } ?? []
        if let message = root["message"]?.string { messages.append(message) }
        return messages.map { String($0.prefix(1_000)) }
    }
}

extension JiraError {
    /// What a transport's failure means for the person.
    init(_ error: HTTPTransportError, endpoint: Endpoint) {
        let code: Code =
            switch error.code {
            case .invalidURL: .invalidAddress
            case .hostNotFound: .hostNotFound
            case .cannotConnect, .connectionLost, .other: .unreachable
            case .timedOut: .timedOut
            case .secureConnectionFailed: .secureConnectionFailed
            case .addressRefused: .addressRefused
            case .bodyTooLarge: .tooLarge
            case .cancelled: .cancelled
            }
        self.init(code, endpoint: endpoint.description, messages: error.detail.isEmpty ? [] : [error.detail])
    }
}
