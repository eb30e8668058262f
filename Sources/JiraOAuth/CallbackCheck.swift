import HTTPMessages

/// Whether a browser came back to the very address that is registered with Atlassian, and else which part is wrong.
public enum CallbackCheck {
    /// The path below the server's public URL that Atlassian sends browsers back to.
    public static let path = "/api/v1/oauth/jira/callback"

    /// The address to register with Atlassian for a server at `publicURL`.
    ///
    /// - Throws: `misconfigured`, naming what is wrong with the URL.
    public static func address(publicURL: String) throws(OAuthError) -> String {
        guard let parts = URLParts(publicURL), parts.suffix.isEmpty, !parts.hadUserInformation else {
            throw OAuthError(
                .misconfigured, "The public URL must be scheme, host and perhaps a path: https://drawbridge.acme.com.")
        }
        guard parts.scheme == "https" || parts.isLoopback else {
            throw OAuthError(
                .misconfigured, "Atlassian sends browsers back by https only. Give the server a public URL with https.")
        }
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        return parts.origin + path + Self.path
    }

    /// What differs between the address a browser arrived at and the registered one; `nil` where nothing does.
    ///
    /// - Parameter arrived: As the browser has it, behind proxies too; its query does not count.
    public static func mistake(arrived: String, registered: String) -> String? {
        guard let arrived = URLParts(arrived), let registered = URLParts(registered) else {
            return "it is not an http or https address"
        }
        if arrived.scheme != registered.scheme {
            return
                "it begins with \(arrived.scheme) and \(registered.scheme) is registered: a proxy that ends TLS must say so in X-Forwarded-Proto, and be trusted"
        }
        if arrived.host != registered.host {
            return "the host is \(arrived.host) and \(registered.host) is registered"
        }
        func port(_ parts: URLParts) -> Int { parts.port ?? (parts.scheme == "https" ? 443 : 80) }
        if port(arrived) != port(registered) {
            return "the port is \(port(arrived)) and \(port(registered)) is registered"
        }
        if arrived.path != registered.path {
            if arrived.path == registered.path + "/" || arrived.path + "/" == registered.path {
                return "one of the two ends with a slash and the other does not"
            }
            if arrived.path.lowercased() == registered.path.lowercased() {
                return "capital and small letters of the path differ"
            }
            return "the path is \(arrived.path) and \(registered.path) is registered"
        }
        return nil
    }
}
