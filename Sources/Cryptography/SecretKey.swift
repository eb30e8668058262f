internal import CSodium

/// A secret key that seals small secrets: XChaCha20-Poly1305 as libsodium has it (draft-irtf-cfrg-xchacha).
///
/// Every sealing draws a new 24-byte nonce, long enough to never repeat. The sealed form is a version byte, the nonce,
/// the ciphertext and the 16-byte tag.
public struct SecretKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes of a key.
    public static let byteCount = 32
    /// The largest secret that is sealed, in bytes.
    public static let secretLimit = 1 << 20

    private static let nonceByteCount = 24
    private static let tagByteCount = 16
    private static let version: UInt8 = 1

    private let bytes: [UInt8]

    /// A new random key.
    public init() throws(CryptographyError) {
        bytes = try Random.bytes(Self.byteCount)
    }

    /// The key with these bytes.
    ///
    /// - Throws: `malformed` unless there are 32 of them.
    public init(bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count == Self.byteCount else {
            throw CryptographyError(.malformed, "A key has \(Self.byteCount) bytes, this has \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// Lends the key's bytes, for writing the key file.
    public func withBytes<T>(_ body: ([UInt8]) throws -> T) rethrows -> T { try body(bytes) }

    /// Encrypts `secret` so that only this key opens it, and only together with the same `context`.
    ///
    /// - Parameter context: What the secret belongs to, such as its record's identity. Authenticated, not stored.
    public func seal(_ secret: [UInt8], context: String) throws(CryptographyError) -> [UInt8] {
        guard secret.count <= Self.secretLimit else {
            throw CryptographyError(.malformed, "A secret may have \(Self.secretLimit) bytes, this has \(secret.count)")
        }
        let nonce = try Random.bytes(Self.nonceByteCount)
        let about = Array(context.utf8)
        var sealed = [UInt8](repeating: 0, count: secret.count + Self.tagByteCount)
        let result = crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, secret, UInt64(secret.count), about, UInt64(about.count), nil, nonce, bytes)
        guard result == 0 else { throw CryptographyError(.unavailable, "The secret could not be encrypted") }
        return [Self.version] + nonce + sealed
    }

    /// Decrypts what `seal` made with this key and the same `context`.
    ///
    /// - Throws: `notAuthentic` when a byte was changed, the key is another or the context is another.
    public func open(_ sealed: [UInt8], context: String) throws(CryptographyError) -> [UInt8] {
        let start = 1 + Self.nonceByteCount
        guard sealed.first == Self.version, sealed.count >= start + Self.tagByteCount,
            sealed.count <= Self.secretLimit + start + Self.tagByteCount
        else { throw CryptographyError(.malformed, "This is not a sealed secret") }
        let nonce = Array(sealed[1..<start])
        let text = Array(sealed[start...])
        let about = Array(context.utf8)
        var secret = [UInt8](repeating: 0, count: text.count - Self.tagByteCount)
        let result = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &secret, nil, nil, text, UInt64(text.count), about, UInt64(about.count), nonce, bytes)
        guard result == 0 else {
            throw CryptographyError(
                .notAuthentic, "The sealed secret was changed, belongs to another record or was sealed with another key"
            )
        }
        return secret
    }

    public static func == (left: Self, right: Self) -> Bool { ConstantTime.areEqual(left.bytes, right.bytes) }

    /// Says nothing of the key, so that no log can.
    public var description: String { "SecretKey" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
