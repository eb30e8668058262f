/// A hash of byte strings (64 bit, of our own making), for seeing that nothing changed; no protection against anybody.
public struct Fingerprint: Hashable, Sendable {
    private var hash: UInt64 = 0x9E37_79B9_7F4A_7C15

    public init() {}

    public var value: Int64 { Int64(bitPattern: hash) }

    /// Takes the next string in; where one ends and the next begins counts.
    public mutating func add(_ bytes: [UInt8]) {
        var state = hash ^ UInt64(bytes.count)
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset + 8 <= buffer.count {
                state = Self.step(state, buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
                offset += 8
            }
            var tail: UInt64 = 0
            while offset < buffer.count {
                tail = tail << 8 | UInt64(buffer[offset])
                offset += 1
            }
            state = Self.step(state, tail)
        }
        hash = state
    }

    /// Folds the 128-bit product, so that every bit of the input reaches every bit of the state.
    @inline(__always) private static func step(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return (product.high ^ product.low) &+ state.rotatedLeft(23)
    }
}

extension UInt64 {
    fileprivate func rotatedLeft(_ count: UInt64) -> UInt64 { self << count | self >> (64 - count) }
}
