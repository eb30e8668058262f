internal import Cryptography

/// The path of a webhook's address: `/webhooks/{source}/{token}`. Whoever knows it was told by us.
public struct WebhookPath: Hashable, Sendable {
    public let source: Int64
    /// SHA-256 of the token: the token itself is compared with nothing.
    public let hash: [UInt8]

    private static let tokenLength = 32

    /// Reads the end of `path`, whatever prefix a proxy leaves before it.
    ///
    /// - Returns: `nil` for what no webhook of ours can have.
    public init?(_ path: some StringProtocol) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        guard path.utf8.count <= 2_048, segments.count >= 3, segments[segments.count - 3] == "webhooks",
            let source = Int64(segments[segments.count - 2]), source > 0, let token = segments.last,
            token.utf8.count == Self.tokenLength, Base64URL.decode(token.utf8) != nil
        else { return nil }
        self.source = source
        hash = WebhookSecrets.hash(of: token)
    }

    /// The address that Jira is to be given.
    public static func url(_ publicURL: String, source: Int64, _ secrets: WebhookSecrets) -> String {
        "\(publicURL)/webhooks/\(source)/\(secrets.token)"
    }

    /// The path of an address, without its query.
    static func path(of url: String) -> Substring {
        let rest = url[...].prefix { $0 != "?" && $0 != "#" }
        guard let scheme = rest.firstRange(of: "://") else { return rest }
        let afterHost = rest[scheme.upperBound...]
        return afterHost.firstIndex(of: "/").map { afterHost[$0...] } ?? "/"
    }
}
