internal import CSodium

/// A stored form of a password from which it can't be read back: Argon2id (RFC 9106) with its own salt and costs.
public struct PasswordHash: Hashable, Sendable {
    /// The text to store, `$argon2id$…`.
    public let text: String

    /// Wraps a stored text.
    public init(text: String) { self.text = text }

    /// Hashes `password`; takes about a tenth of a second and 64 MiB by intent.
    ///
    /// - Throws: `malformed` for an empty password or one over 1,024 bytes, `unavailable` when memory is short.
    public init(of password: String) throws(CryptographyError) {
        try Library.require()
        let bytes = Array(password.utf8)
        guard !bytes.isEmpty, bytes.count <= 1_024 else {
            throw CryptographyError(.malformed, "A password has 1 to 1,024 bytes")
        }
        var hashed = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let result = crypto_pwhash_str(
            &hashed, bytes.map(CChar.init(bitPattern:)), UInt64(bytes.count), 3, 64 << 20)
        guard result == 0 else {
            throw CryptographyError(.unavailable, "There is not enough memory to hash a password")
        }
        text = String(decoding: hashed.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether `password` is the one that was hashed.
    public func matches(_ password: String) -> Bool {
        let bytes = Array(password.utf8)
        guard Library.isReady, text.utf8.count < crypto_pwhash_strbytes(), bytes.count <= 1_024 else { return false }
        return crypto_pwhash_str_verify(text, bytes.map(CChar.init(bitPattern:)), UInt64(bytes.count)) == 0
    }
}
