/// Where Atlassian signs people in and answers apps.
public struct OAuthEndpoints: Hashable, Sendable {
    /// Without a trailing slash: `https://auth.atlassian.com`.
    public var authorization: String
    /// Without a trailing slash: `https://api.atlassian.com`.
    public var api: String

    public init(
        authorization: String = "https://auth.atlassian.com", api: String = "https://api.atlassian.com"
    ) {
        self.authorization = authorization
        self.api = api
    }
}

/// An app's own identity at Atlassian's developer console.
public struct OAuthApp: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public var clientID: String
    public var clientSecret: String

    public init(clientID: String, clientSecret: String) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }

    /// Says nothing of the secret, so that no log can.
    public var description: String { "OAuthApp" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A site that a grant is for, as Atlassian lists it.
public struct GrantedSite: Hashable, Sendable {
    /// Cloud's id of the site.
    public var id: String
    public var url: String
    public var name: String
    public var scopes: [String]

    public init(id: String, url: String, name: String, scopes: [String]) {
        self.id = id
        self.url = url
        self.name = name
        self.scopes = scopes
    }
}

/// What a token request gave.
struct TokenSet: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    var access: String
    /// `nil` where the app did not ask for `offline_access`.
    var refresh: String?
    /// Milliseconds since 1970.
    var expires: Int64
    var scopes: [String]

    var description: String { "TokenSet" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
