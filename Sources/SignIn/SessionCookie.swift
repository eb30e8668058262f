public import HTTPMessages

/// The cookie that carries a session's secret (RFC 6265).
public struct SessionCookie: Hashable, Sendable {
    /// Whether it goes over TLS only: then its name binds it to this host and no path or domain can replace it.
    public var isSecure: Bool

    public init(isSecure: Bool) { self.isSecure = isSecure }

    public var name: String { isSecure ? "__Host-drawbridge_session" : "drawbridge_session" }

    /// The value of `Set-Cookie` that hands a session to a browser.
    ///
    /// - Parameter limits: The browser forgets it when it would be over in any case.
    public func set(_ secret: String, limits: Sessions.Limits = Sessions.Limits()) -> String {
        "\(name)=\(secret); Path=/; Max-Age=\(limits.absolute.milliseconds / 1_000)\(attributes)"
    }

    /// The value of `Set-Cookie` that makes a browser forget it.
    public var clear: String { "\(name)=; Path=/; Max-Age=0\(attributes)" }

    private var attributes: String { "; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "") }

    /// The secret that a request carries; `nil` where there is none, or where two cookies of the name contradict each
    /// other, as when a neighbour under the same domain planted one.
    public func secret(in headers: HTTPHeaders) -> String? {
        var found: Set<String> = []
        for header in headers.values(of: "Cookie") where header.utf8.count <= 16_384 {
            for pair in header.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                guard pair.utf8.starts(with: name.utf8) else { continue }
                let rest = pair.dropFirst(name.count)
                guard rest.first == "=" else { continue }
                found.insert(String(rest.dropFirst()))
            }
        }
        return found.count == 1 ? found.first : nil
    }
}
