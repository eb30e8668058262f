internal import Cryptography

/// The signature of a delivery: `X-Hub-Signature: sha256=…`, HMAC-SHA256 over the body's bytes as they came (WebSub §7.1).
public enum WebhookSignature {
    /// The header's name.
    public static let header = "X-Hub-Signature"

    /// Whether `value` is the signature of `body` by whoever has `key`. Another method than SHA-256 is not.
    ///
    /// Takes the same time for every wrong signature.
    public static func isValid(_ value: String, of body: [UInt8], key: String) -> Bool {
        let prefix = "sha256="
        guard value.lowercased().hasPrefix(prefix), let given = bytes(value.utf8.dropFirst(prefix.utf8.count)) else {
            return false
        }
        return ConstantTime.areEqual(Digest.hmacSHA256(body, key: Array(key.utf8)), given)
    }

    /// The header's value for `body`.
    public static func value(for body: [UInt8], key: String) -> String {
        "sha256=" + Digest.hexadecimal(Digest.hmacSHA256(body, key: Array(key.utf8)))
    }

    private static func bytes(_ digits: Substring.UTF8View) -> [UInt8]? {
        guard digits.count == 2 * Digest.byteCount else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
