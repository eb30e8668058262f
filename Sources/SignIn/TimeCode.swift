internal import Cryptography

/// Codes of authenticator apps: six digits of HMAC-SHA1 over the number of half minutes (RFC 6238, RFC 4226).
public enum TimeCode {
    /// Seconds that a code is shown.
    public static let period: Int64 = 30
    /// Bytes of a secret, the length of the digest (RFC 4226 §4 R6).
    public static let secretByteCount = 20

    /// The code of a step.
    ///
    /// - Parameter digits: From 6 to 8.
    public static func code(_ secret: [UInt8], step: Int64, digits: Int = 6) throws -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - 8 * $0)) }
        let tag = try Digest.hmacSHA1(counter, key: secret)
        let offset = Int(tag[tag.count - 1] & 15)
        let number = tag[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { value, _ in value * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step of the code, at most one before or behind the clock and later than the last one that was used; `nil` for
    /// any other code. Every candidate is compared in full.
    ///
    /// - Parameter seconds: Since 1970.
    static func step(
        of code: String, _ secret: [UInt8], at seconds: Int64, after last: Int64
    ) throws -> Int64? {
        let given = Array(code.utf8.filter { $0 != UInt8(ascii: " ") })
        let now = seconds / period
        var found: Int64?
        for step in (now - 1)...(now + 1) {
            let isRight = ConstantTime.areEqual(Array(try self.code(secret, step: step).utf8), given)
            if isRight, step > last, found == nil { found = step }
        }
        return found
    }

    /// What an app reads from a picture or by hand.
    ///
    /// - Returns: `otpauth://totp/…` with the secret in base32.
    static func address(_ secret: [UInt8], account: String, issuer: String) -> String {
        let (account, issuer) = (escape(account), escape(issuer))
        return "otpauth://totp/\(issuer):\(account)?secret=\(Base32.encode(secret))&issuer=\(issuer)"
    }

    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Base32 without padding (RFC 4648 §6).
enum Base32 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(word >> bits & 31)])
            }
            word &= (1 << bits) - 1
        }
        if bits > 0 { text.append(alphabet[Int(word << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
