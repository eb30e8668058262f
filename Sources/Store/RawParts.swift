/// What Jira returned for one issue, as named pieces of bytes: the issue object and what completes it.
///
/// The names and their meaning are the writer's; the store keeps them as they are.
public struct RawParts: Hashable, Sendable {
    public var parts: [Part]

    public struct Part: Hashable, Sendable {
        public var name: String
        public var bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    public init(_ parts: [Part]) { self.parts = parts }

    public subscript(name: String) -> [UInt8]? { parts.first { $0.name == name }?.bytes }

    /// The most bytes one issue may have, all parts together.
    public static let byteLimit = 64 << 20
    /// The most parts one issue may have.
    public static let partLimit = 64

    /// One block: the number of parts, then for each its name and its bytes, every length as a little-endian base-128
    /// number.
    public func framed() throws(StoreError) -> [UInt8] {
        let size = parts.reduce(0) { $0 + $1.bytes.count + $1.name.utf8.count + 12 }
        guard size <= Self.byteLimit, parts.count <= Self.partLimit else {
            throw StoreError(.tooLarge, "What Jira returned for one issue has \(size) bytes in \(parts.count) parts")
        }
        var block: [UInt8] = []
        block.reserveCapacity(size)
        Self.append(parts.count, to: &block)
        for part in parts {
            Self.append(part.name.utf8.count, to: &block)
            block.append(contentsOf: part.name.utf8)
            Self.append(part.bytes.count, to: &block)
            block.append(contentsOf: part.bytes)
        }
        return block
    }

    /// Reads what `framed` wrote.
    public init(framed block: [UInt8]) throws(StoreError) {
        var position = 0
        func number() throws(StoreError) -> Int {
            var value = 0
            for shift in stride(from: 0, to: 35, by: 7) {
                guard position < block.count else { break }
                let byte = block[position]
                position += 1
                value |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            throw Self.damaged
        }
        func piece() throws(StoreError) -> ArraySlice<UInt8> {
            let count = try number()
            guard count <= block.count - position else { throw Self.damaged }
            position += count
            return block[position - count..<position]
        }
        let count = try number()
        guard count <= Self.partLimit else { throw Self.damaged }
        parts = []
        for _ in 0..<count {
            let name = String(decoding: try piece(), as: UTF8.self)
            parts.append(Part(name: name, bytes: Array(try piece())))
        }
        guard position == block.count else { throw Self.damaged }
    }

    /// A hash of all parts (64 bit, of our own making), for seeing that nothing changed; no protection against anybody.
    public var fingerprint: Int64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for part in parts {
            Self.mix(&hash, Array(part.name.utf8))
            Self.mix(&hash, part.bytes)
        }
        return Int64(bitPattern: hash)
    }

    private static let damaged = StoreError(.damaged, "The stored copy of what Jira returned can't be read back")

    private static func append(_ number: Int, to block: inout [UInt8]) {
        var rest = UInt(number)
        while rest >= 0x80 {
            block.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        block.append(UInt8(rest))
    }

    private static func mix(_ hash: inout UInt64, _ bytes: [UInt8]) {
        var state = hash ^ UInt64(bytes.count)
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset + 8 <= buffer.count {
                state = step(state, buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
                offset += 8
            }
            var tail: UInt64 = 0
            while offset < buffer.count {
                tail = tail << 8 | UInt64(buffer[offset])
                offset += 1
            }
            state = step(state, tail)
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
