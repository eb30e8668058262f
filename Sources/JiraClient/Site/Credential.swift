import HTTPMessages

/// How Drawbridge signs in to Jira. Its descriptions never show the secret.
public enum Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Cloud: an account's e-mail and one of its API tokens, with or without scopes; service accounts too.
    case apiToken(email: String, token: String)
    /// Data Center 8.14 and later.
    case personalAccessToken(String)
    /// Data Center and Server.
    case password(username: String, password: String)
    /// Cloud: a stored OAuth 2.0 grant and the site it is used for; the transport has the tokens (`HTTPRequest.grant`).
    case oauth(grant: Int64, site: String)
    /// What the site shows to everybody.
    case anonymous

    /// The kind's stable name.
    public var kind: String {
        switch self {
        case .apiToken: "api_token"
        case .personalAccessToken: "personal_access_token"
        case .password: "password"
        case .oauth: "oauth"
        case .anonymous: "anonymous"
        }
    }

    public var isAnonymous: Bool { self == .anonymous }

    public var description: String { "credential(\(kind))" }
    public var debugDescription: String { description }

    /// The `Authorization` header's value; `nil` for anonymous.
    var authorization: String? {
        switch self {
        case .apiToken(let email, let token): "Basic " + Base64.encode("\(email):\(token)")
        case .password(let username, let password): "Basic " + Base64.encode("\(username):\(password)")
        case .personalAccessToken(let token): "Bearer " + token
        case .anonymous, .oauth: nil
        }
    }

    /// The grant whose access token the transport adds.
    var grant: Int64? { if case .oauth(let grant, _) = self { grant } else { nil } }

    /// Whether the account is an Atlassian service account, whose tokens work only through the gateway.
    var isServiceAccount: Bool {
        if case .apiToken(let email, _) = self {
            return email.lowercased().hasSuffix("@serviceaccount.atlassian.com")
        }
        return false
    }
}
