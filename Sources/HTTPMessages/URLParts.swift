/// An absolute `http` or `https` URL taken apart (RFC 3986 §3), as far as addressing a server needs it.
public struct URLParts: Hashable, Sendable {
    /// `http` or `https`.
    public var scheme: String
    /// Lower case; an IPv6 address without its brackets.
    public var host: String
    public var port: Int?
    /// Empty or beginning with a slash; as written.
    public var path: String
    /// With its question mark or hash; empty when there is none.
    public var suffix: String
    /// Whether a user name or password stood before the host.
    public var hadUserInformation: Bool

    /// - Returns: `nil` for another scheme, no host, a bad port, or characters that no URL has.
    public init?(_ text: String) {
        guard let colon = text.range(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https",
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        let rest = text[colon.upperBound...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        hadUserInformation = authority.contains("@")
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        guard let (host, port) = Self.split(authority) else { return nil }
        (self.host, self.port) = (host, port)
        let pathEnd = rest[authorityEnd...].firstIndex { "?#".contains($0) } ?? rest.endIndex
        path = String(rest[authorityEnd..<pathEnd])
        suffix = String(rest[pathEnd...])
    }

    /// Scheme, host and port: `https://jira.example.com:8443`.
    public var origin: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(shownHost)" + (port.map { ":\($0)" } ?? "")
    }

    /// Whether the host is this machine by name or address.
    public var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    private static func split(_ authority: Substring) -> (String, Int?)? {
        var host = authority
        var port: Int?
        let searchStart = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[searchStart...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), number > 0 else { return nil }
            port = Int(number)
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains("["), !host.contains("]") else { return nil }
        return (host.lowercased(), port)
    }
}

extension StringProtocol {
    /// The first occurrence of ASCII text, without Foundation.
    fileprivate func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}
