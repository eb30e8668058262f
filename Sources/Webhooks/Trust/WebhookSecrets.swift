public import Cryptography
internal import FastJSON

/// What only Jira and this installation know of a webhook: the unguessable part of its address, and the key that signs.
public struct WebhookSecrets: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 192 random bits in base64url.
    public let token: String
    /// Signs deliveries: ours for an administrator's webhook, the app's client secret for an app's.
    public let signingKey: String
    /// Who must have issued the tokens of an app's deliveries; `nil` where that is not known.
    public let issuer: String?

    /// Bytes of a token, before they are written as text.
    public static let tokenByteCount = 24

    /// New random secrets.
    public init(signingKey: String? = nil, issuer: String? = nil) throws(CryptographyError) {
        token = Base64URL.encode(try Random.bytes(Self.tokenByteCount))
        if let signingKey {
            self.signingKey = signingKey
        } else {
            self.signingKey = Base64URL.encode(try Random.bytes(32))
        }
        self.issuer = issuer
    }

    /// By which a delivery's address is recognised.
    public var pathHash: [UInt8] { Self.hash(of: token) }

    static func hash(of token: some StringProtocol) -> [UInt8] { Digest.sha256(Array(token.utf8)) }

    /// The sealed form, bound to its source.
    public func sealed(with key: SecretKey, source: Int64) throws(CryptographyError) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("token", token)
            json.member("key", signingKey)
            json.member("issuer", issuer)
        }
        return try key.seal(json.bytes, context: Self.context(source))
    }

    /// - Throws: ``WebhookError`` with code `keyMissing` where they were sealed with another key, or for another source.
    public init(opening sealed: [UInt8], with key: SecretKey, source: Int64) throws(WebhookError) {
        guard let bytes = try? key.open(sealed, context: Self.context(source)),
            let json = try? JSONValue(parsing: bytes), let token = json["token"]?.string,
            let signingKey = json["key"]?.string
        else {
            throw WebhookError(
                .keyMissing,
                "The secrets of a webhook were sealed with another key file. Restore that file, or register it again")
        }
        self.token = token
        self.signingKey = signingKey
        issuer = json["issuer"]?.string
    }

    /// For another key.
    public static let sealed = SealedColumn(table: "webhook", column: "secret", identity: ["id", "source_id"]) {
        "webhook of source \($0[1])"
    }

    private static func context(_ source: Int64) -> String { "webhook of source \(source)" }

    /// Says nothing of the secrets, so that no log can.
    public var description: String { "WebhookSecrets" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
