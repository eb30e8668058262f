internal import Cryptography

/// Secrets that are given out once: 32 random bytes in base64url, of which only the SHA-256 is kept.
///
/// They need no slow hash: nobody guesses 256 bits. Looking a digest up tells nothing by its time that would help to find
/// a secret with that digest.
enum SecretText {
    /// The longest text that is looked up, in bytes.
    static let limit = 100

    /// - Parameter prefix: Tells people and scanners for leaked secrets what it is.
    static func make(prefix: String = "") throws -> (text: String, hash: [UInt8]) {
        let text = prefix + Base64URL.encode(try Random.bytes(32))
        return (text, Digest.sha256(Array(text.utf8)))
    }

    /// What a presented text is looked up by; `nil` for what can't be one of ours.
    static func hash(of text: String, prefix: String = "") -> [UInt8]? {
        guard text.utf8.count <= limit, text.hasPrefix(prefix), text.utf8.count > prefix.utf8.count else { return nil }
        return Digest.sha256(Array(text.utf8))
    }
}
