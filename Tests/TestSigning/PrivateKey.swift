import COpenSSL
public import Cryptography

/// A private key made for a test, to sign what the library checks.
///
/// `@unchecked Sendable` is sound: OpenSSL's keys count their users atomically and signing does not change them.
public final class PrivateKey: @unchecked Sendable {
    public enum Kind: String, Sendable { case rsa = "RSA", p256 = "EC" }

    private let key: OpaquePointer
    public let kind: Kind

    public init?(_ kind: Kind, bits: Int32 = 2_048) {
        let context = EVP_PKEY_CTX_new_from_name(nil, kind.rawValue, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { return nil }
        switch kind {
        case .rsa: guard EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1 else { return nil }
        case .p256: guard EVP_PKEY_CTX_set_group_name(context, "prime256v1") == 1 else { return nil }
        }
        var made: OpaquePointer?
        guard EVP_PKEY_generate(context, &made) == 1, let made else { return nil }
        key = made
        self.kind = kind
    }

    deinit { EVP_PKEY_free(key) }

    public var publicKey: PublicKey {
        switch kind {
        case .rsa: .rsa(modulus: number("n"), exponent: number("e"))
        case .p256: .p256(x: number("qx", 32), y: number("qy", 32))
        }
    }

    /// A signature as JSON Web Signatures have it.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var count = 1_024
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, key, nil) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { return [] }
        signature = Array(signature.prefix(count))
        return kind == .rsa ? signature : Self.pair(ofDER: signature)
    }

    /// A compact token (RFC 7515) with this header and these claims, both JSON.
    public func token(header: [UInt8], claims: [UInt8]) -> String {
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(claims)
        return signed + "." + Base64URL.encode(sign(Array(signed.utf8)))
    }

    private func number(_ name: String, _ width: Int = 0) -> [UInt8] {
        var number: OpaquePointer?
        EVP_PKEY_get_bn_param(key, name, &number)
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: max(width, Int(BN_num_bits(number) + 7) / 8))
        BN_bn2binpad(number, &bytes, Int32(bytes.count))
        return bytes
    }

    /// r and s out of `SEQUENCE { INTEGER r, INTEGER s }`.
    private static func pair(ofDER der: [UInt8]) -> [UInt8] {
        var rest = der.dropFirst(2)
        var pair: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(rest.dropFirst().first ?? 0)
            let value = rest.dropFirst(2).prefix(count).drop { $0 == 0 }
            pair += [UInt8](repeating: 0, count: 32 - value.count) + value
            rest = rest.dropFirst(2 + count)
        }
        return pair
    }
}
