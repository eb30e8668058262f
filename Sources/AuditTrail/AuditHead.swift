internal import Cryptography

/// The end of the chain: as long as it is the same, nothing before it was changed.
public struct AuditHead: Hashable, Sendable, LosslessStringConvertible {
    /// Rows of the trail.
    public var number: Int64
    /// The newest row's hash.
    public var hash: [UInt8]

    public init(number: Int64, hash: [UInt8]) {
        self.number = number
        self.hash = hash
    }

    /// Reads `NUMBER:HASH`, as ``description`` writes it; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number >= 0, parts[1].utf8.count == Digest.byteCount * 2
        else { return nil }
        var bytes: [UInt8] = []
        var digits = parts[1].utf8.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            guard let high = Self.value(high), let low = Self.value(low) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(number: number, hash: bytes)
    }

    /// `NUMBER:HASH`, the hash in hexadecimal digits.
    public var description: String { "\(number):\(Digest.hexadecimal(hash))" }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
