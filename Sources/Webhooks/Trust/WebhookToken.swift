internal import Cryptography
internal import FastJSON
internal import IssueDecoding
public import IssueModel

/// The token of an app's delivery: `Authorization: Bearer …`, a JWT signed with the app's client secret (HS256).
public enum WebhookToken {
    /// How far Jira's clock and ours may be apart.
    public static let skew: Int64 = 180_000

    /// What a token is checked against.
    public struct Expectation: Sendable {
        /// The app's client secret.
        public var key: String
        /// Who must have issued it; `nil` takes any, as nobody else has the key.
        public var issuer: String?
        /// The request it came with, for its hash.
        public var method: String
        /// Paths under which the request may have been made; a proxy may have taken a prefix away.
        public var paths: [String]
        /// Without its question mark.
        public var query: String

        public init(key: String, issuer: String? = nil, method: String = "POST", paths: [String], query: String = "") {
            self.key = key
            self.issuer = issuer
            self.method = method
            self.paths = paths
            self.query = query
        }
    }

    /// Whether the header's value proves a delivery.
    ///
    /// The algorithm is fixed: a token that names another, or none, is refused. It must end (`exp`) and must have begun
    /// (`iat`, `nbf`), each within the skew; `iss` and `qsh` must fit where they are given and known.
    public static func isValid(_ header: String, _ expectation: Expectation, at now: Timestamp) -> Bool {
        guard let text = bearer(header), let token = try? SignedToken(text),
            let head = object(token.header), head["alg"]?.string == "HS256", head["crit"] == nil,
            token.isSigned(with: Array(expectation.key.utf8)), let claims = object(token.claims)
        else { return false }
        guard let expires = seconds(claims["exp"]), now.rawValue < expires + skew,
            let issued = seconds(claims["iat"]), issued <= now.rawValue + skew
        else { return false }
        if let begins = claims["nbf"], (seconds(begins) ?? .max) > now.rawValue + skew { return false }
        if let issuer = expectation.issuer, claims["iss"]?.string != issuer { return false }
        guard let hash = claims["qsh"] else { return true }
        return hash.string == "context-qsh" || hashes(expectation).contains(hash.string ?? "")
    }

    private static func bearer(_ header: String) -> Substring? {
        for scheme in ["bearer ", "jwt "] where header.lowercased().hasPrefix(scheme) {
            return header.dropFirst(scheme.count)
        }
        return nil
    }

    private static func object(_ bytes: [UInt8]) -> JSONValue? {
        guard let value = try? parsers.parse(bytes, { JSONValue($0) }), case .object = value else { return nil }
        return value
    }

    private static let parsers = ParserPool(depth: 16)

    /// Milliseconds of a time in seconds.
    private static func seconds(_ value: JSONValue?) -> Int64? {
        guard let seconds = value?.double, seconds.magnitude < 1e12 else { return nil }
        return Int64(seconds * 1_000)
    }

    /// Atlassian's query string hash: SHA-256 of method, path and sorted query with ampersands between.
    private static func hashes(_ expectation: Expectation) -> [String] {
        let query = expectation.query.split(separator: "&").filter { !$0.hasPrefix("jwt=") }.sorted()
            .joined(separator: "&")
        return expectation.paths.map { path in
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            let text = [expectation.method, trimmed.isEmpty ? "/" : trimmed, query].joined(separator: "&")
            return Digest.hexadecimal(Digest.sha256(Array(text.utf8)))
        }
    }
}
