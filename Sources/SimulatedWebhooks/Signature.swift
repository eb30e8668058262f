/// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and JWT with HS256 (RFC 7519): written here so that the product's own cannot vouch for itself.
package enum Signature {
    private static let constants: [UInt32] = {
        // The first 32 bits of the fractions of the cube roots of the first 64 primes.
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { fraction(of: $0, power: 3) }
    }()

    /// The first 32 bits of the fraction of a prime's second or third root, in whole numbers.
    private static func fraction(of prime: UInt64, power: Int) -> UInt32 {
        // The largest r with r^power <= prime * 2^(32 * power), by bisection in 128 bits and more.
        var (low, high): (UInt64, UInt64) = (0, 1 << 36)
        while low + 1 < high {
            let middle = (low + high) / 2
            if isAtMost(middle, prime, power) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    private static func isAtMost(_ root: UInt64, _ prime: UInt64, _ power: Int) -> Bool {
        // Below 2^36 a root's cube has 108 bits.
        var value = UInt128(root)
        for _ in 1..<power { value *= UInt128(root) }
        return value <= UInt128(prime) << UInt128(32 * power)
    }

    private static let start: [UInt32] = [2, 3, 5, 7, 11, 13, 17, 19].map { fraction(of: $0, power: 2) }

    package static func sha256(_ message: [UInt8]) -> [UInt8] {
        var bytes = message + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        let length = UInt64(message.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
        }
        var state = start
        var words = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: bytes.count, by: 64) {
            for index in 0..<16 {
                let at = block + index * 4
                words[index] =
                    UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
                    | UInt32(bytes[at + 3])
            }
            for index in 16..<64 {
                let (early, late) = (words[index - 15], words[index - 2])
                let first = turn(early, 7) ^ turn(early, 18) ^ (early >> 3)
                let second = turn(late, 17) ^ turn(late, 19) ^ (late >> 10)
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            mix(words, into: &state)
        }
        return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    private static func turn(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

    private static func mix(_ words: [UInt32], into state: inout [UInt32]) {
        var s = state
        for index in 0..<64 {
            let sum = turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)
            let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
            let first = s[7] &+ sum &+ choice &+ constants[index] &+ words[index]
            let other = turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)
            let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
            s = [first &+ other &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        for index in 0..<8 { state[index] = state[index] &+ s[index] }
    }

    package static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? sha256(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        return sha256(block.map { $0 ^ 0x5C } + sha256(block.map { $0 ^ 0x36 } + message))
    }

    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// What a delivery to an app carries in `Authorization`, without `Bearer`.
    package static func token(claims: String, secret: String) -> String {
        let signed = base64url(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + base64url(Array(claims.utf8))
        return signed + "." + base64url(hmac(Array(signed.utf8), key: Array(secret.utf8)))
    }

    private static func base64url(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
            for position in 0...group.count { text.append(letters[Int(value >> UInt32(18 - position * 6) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
