internal import Cryptography
public import HTTPMessages

/// Whether a request that changes something comes from our own pages, and not from another site in the same browser.
///
/// Asked of everything that a cookie authorises, and of signing in. Requests with a token need it not: no browser sends
/// a token by itself.
public struct CrossSiteCheck: Hashable, Sendable {
    /// Scripts of our pages send it with the value `1`: another site's can't without being allowed to.
    public static let header = "X-Drawbridge"
    /// Forms of our pages carry ``Caller/formToken`` in it.
    public static let formField = "form_token"

    /// Scheme, host and port under which people reach this server; `nil` where only the request tells.
    public var publicOrigin: String?

    public init(publicOrigin: String? = nil) { self.publicOrigin = publicOrigin }

    /// Whether the method is one that changes nothing (RFC 9110 §9.2.1).
    public static func isSafe(_ method: HTTPMethod) -> Bool { [.get, .head, .options].contains(method) }

    /// - Parameter formToken: The session's; `nil` where there is no session, so that only the header will do.
    /// - Throws: ``SignInError`` with `crossSite`.
    public func require(_ request: HTTPRequest, formToken: String? = nil) throws(SignInError) {
        guard Self.isSafe(request.method) || isOwn(request, formToken) else {
            throw SignInError(
                .crossSite,
                "This request did not come from Drawbridge's own pages. Scripts that use a session send the header "
                    + "\(Self.header): 1; programs use an API token instead.")
        }
    }

    private func isOwn(_ request: HTTPRequest, _ formToken: String?) -> Bool {
        let sites = request.headers.values(of: "Sec-Fetch-Site")
        guard sites.allSatisfy({ $0 == "same-origin" }) else { return false }
        guard request.headers.values(of: "Origin").allSatisfy({ isOwn(origin: $0, request) }) else { return false }
        if request.headers[Self.header] == "1" { return true }
        guard let formToken, let given = Self.formToken(in: request) else { return false }
        return ConstantTime.areEqual(Array(given.utf8), Array(formToken.utf8))
    }

    /// A proxy in front may have ended TLS, so the scheme counts only where the public address is known.
    private func isOwn(origin: String, _ request: HTTPRequest) -> Bool {
        let origin = origin.lowercased()
        if let publicOrigin { return origin == publicOrigin.lowercased() }
        guard let host = request.headers["Host"]?.lowercased(), let start = origin.firstRange(of: "://") else {
            return false
        }
        return ["http", "https"].contains(origin[..<start.lowerBound]) && origin[start.upperBound...] == host[...]
    }

    /// Base64url needs no decoding in a form.
    private static func formToken(in request: HTTPRequest) -> String? {
        let type = request.headers["Content-Type"] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else { return nil }
        let start = Array((formField + "=").utf8)
        return request.body.split(separator: UInt8(ascii: "&")).first { $0.starts(with: start) }.map {
            String(decoding: $0.dropFirst(start.count), as: UTF8.self)
        }
    }
}
