import HTTPMessages

/// What this program and its sign-in provider agreed on.
public struct SingleSignOnSettings: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The provider's name for itself, from which everything else is found: `https://login.acme.com/realms/main`.
    public var issuer: String
    public var clientID: String
    /// `nil` for a client that has none and proves itself by PKCE alone.
    public var clientSecret: String?
    /// Where the provider sends browsers back to: exactly what is registered there.
    public var redirectURI: String
    /// Asked for besides `openid`.
    public var scopes: [String]
    /// The claim that lists the person's groups; `nil` where groups decide nothing.
    public var groupClaim: String?

    public init(
        issuer: String, clientID: String, clientSecret: String?, redirectURI: String,
        scopes: [String] = ["email", "profile"], groupClaim: String? = nil
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.groupClaim = groupClaim
    }

    /// - Throws: `misconfigured`, naming the setting.
    public func validate() throws(SingleSignOnError) {
        guard let parts = URLParts(issuer), Self.isProtected(parts), !parts.hadUserInformation, parts.suffix.isEmpty
        else {
            throw SingleSignOnError(
                .misconfigured, "The issuer must be an https address without a query, as the provider writes it.")
        }
        guard !clientID.isEmpty else {
            throw SingleSignOnError(.misconfigured, "The client id is missing. The provider gave it at registration.")
        }
        guard clientSecret != "" else {
            throw SingleSignOnError(.misconfigured, "The client secret is empty. Leave it out if there is none.")
        }
        guard let parts = URLParts(redirectURI), Self.isProtected(parts), parts.suffix.isEmpty else {
            throw SingleSignOnError(
                .misconfigured,
                "The redirect address must be an https address without a query. Set the server's public URL.")
        }
    }

    /// Without TLS only inside this machine.
    static func isProtected(_ parts: URLParts) -> Bool { parts.scheme == "https" || parts.isLoopback }

    /// Says nothing of the secret, so that no log can.
    public var description: String { "SingleSignOnSettings(\(issuer))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
