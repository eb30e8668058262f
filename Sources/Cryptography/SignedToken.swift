/// A compact JSON Web Token (RFC 7519), signed with HMAC-SHA256 or by a public key's other half, taken apart and not yet believed.
///
/// Knows no JSON: what the header and the claims say is the caller's to read, once ``isSigned(with:)`` or ``isSigned(by:)`` holds.
public struct SignedToken: Hashable, Sendable {
    /// The longest token taken unless told otherwise, in bytes.
    public static let byteLimit = 8_192

    /// JSON: the algorithm, which must be checked before the signature is believed.
    public let header: [UInt8]
    /// JSON: what is claimed.
    public let claims: [UInt8]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Takes apart `header.claims.signature`, each in base64url without padding (RFC 7515 §3.1).
    ///
    /// - Parameter limit: The longest token taken, in bytes.
    /// - Throws: `malformed` for anything else.
    public init(_ text: some StringProtocol, limit: Int = byteLimit) throws(CryptographyError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= limit, parts.count == 3, let header = Base64URL.decode(parts[0]),
            let claims = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
        else { throw CryptographyError(.malformed, "This is not a signed token") }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
    }

    /// Whether whoever made the token has `key`; takes the same time for every wrong signature.
    public func isSigned(with key: [UInt8]) -> Bool {
        ConstantTime.areEqual(Digest.hmacSHA256(signed, key: key), signature)
    }

    /// Whether whoever made the token has the private half of `key`, which also says by which algorithm.
    ///
    /// The header's algorithm must be compared with ``PublicKey/algorithm`` by the caller, who can read JSON.
    ///
    /// - Throws: `malformed` where `key` is none.
    public func isSigned(by key: PublicKey) throws(CryptographyError) -> Bool {
        try key.verifies(signature, of: signed)
    }

    /// The compact form of a token with these claims, signed with `key`.
    public static func compact(claims: [UInt8], key: [UInt8]) -> String {
        let header = Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(claims)
        return signed + "." + Base64URL.encode(Digest.hmacSHA256(Array(signed.utf8), key: key))
    }
}
