internal import COpenSSL

/// A key that checks signatures others made: the two kinds that sign-in providers use (RFC 7518 §3.3 and §3.4).
public enum PublicKey: Hashable, Sendable {
    /// RSA with a big-endian modulus and exponent, for RS256. Usable from 2,048 to 8,192 bits.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// A point on the curve P-256, for ES256; each coordinate has 32 bytes.
    case p256(x: [UInt8], y: [UInt8])

    /// The only signature algorithm this key is believed with, as JSON Web Algorithms name it.
    ///
    /// A token names its own algorithm; the key decides, so that no token can choose a weaker one.
    public var algorithm: String {
        switch self {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    /// Whether `signature` was made over `message` with this key's private half.
    ///
    /// - Throws: `malformed` where this is no key: too short, too long, or not on the curve.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) throws(CryptographyError) -> Bool {
        switch self {
        case .rsa(let modulus, let exponent):
            let modulus = Array(modulus.drop { $0 == 0 })
            let exponent = Array(exponent.drop { $0 == 0 })
            guard (256...1_024).contains(modulus.count), (1...8).contains(exponent.count), exponent != [1],
                exponent.last.map({ $0 & 1 == 1 }) == true,
                let key = copenssl_rsa_key(modulus, modulus.count, exponent, exponent.count)
            else { throw CryptographyError(.malformed, "This is no RSA key of 2,048 to 8,192 bits") }
            defer { EVP_PKEY_free(key) }
            guard signature.count == modulus.count else { return false }
            return copenssl_verify_sha256(key, message, message.count, signature, signature.count) == 1
        case .p256(let x, let y):
            let point = [4] + x + y
            guard x.count == 32, y.count == 32, let key = copenssl_p256_key(point, point.count) else {
                throw CryptographyError(.malformed, "This is no point on the curve P-256")
            }
            defer { EVP_PKEY_free(key) }
            guard signature.count == 64 else { return false }
            var der = [UInt8](repeating: 0, count: 80)
            let size = copenssl_ecdsa_der(signature, &der)
            guard size > 0 else { throw CryptographyError(.unavailable, "There is no memory to check a signature") }
            return copenssl_verify_sha256(key, message, message.count, der, size) == 1
        }
    }
}
