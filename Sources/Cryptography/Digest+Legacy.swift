internal import COpenSSL

/// Digests that are broken for security and needed because others fixed them in a format.
extension Digest {
    /// MD5 (RFC 1321), **not for security**: names and checksums that another product chose, such as Coco's document ids.
    ///
    /// - Throws: `unavailable` where the system's OpenSSL refuses MD5, as one in FIPS mode does.
    public static func md5(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try digest("MD5", message)
    }

    /// SHA-1 (FIPS 180-4), **not for new signatures**: what older protocols name things by.
    ///
    /// - Throws: `unavailable` where the system's OpenSSL refuses it.
    public static func sha1(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try digest("SHA1", message)
    }

    /// HMAC-SHA1 with a key of any length (RFC 2104): one-time codes (RFC 4226, RFC 6238), for which it is still sound.
    ///
    /// - Throws: `unavailable` where the system's OpenSSL refuses it.
    public static func hmacSHA1(_ message: [UInt8], key: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        let size = copenssl_hmac("SHA1", key, key.count, message, message.count, &tag)
        guard size > 0 else { throw CryptographyError(.unavailable, "This system's OpenSSL has no HMAC-SHA1") }
        return Array(tag.prefix(size))
    }

    private static func digest(_ name: String, _ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        let size = copenssl_digest(name, message, message.count, &digest)
        guard size > 0 else { throw CryptographyError(.unavailable, "This system's OpenSSL has no \(name)") }
        return Array(digest.prefix(size))
    }
}
