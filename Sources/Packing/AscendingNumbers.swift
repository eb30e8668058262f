/// Ascending numbers as bytes: each the distance from the one before, seven bits a byte, lowest first.
///
/// Numbers close together take a byte or two, so that the ids of a million issues are about a megabyte.
public struct AscendingNumbers: Hashable, Sendable {
    public let bytes: [UInt8]

    /// - Parameter numbers: Sorted; repeated ones are written once.
    public init(_ numbers: some Sequence<Int64>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(numbers.underestimatedCount * 2)
        var last: Int64?
        for number in numbers where number != last {
            // The first is measured from zero; wrapping keeps even absurd numbers apart.
            var rest = UInt64(bitPattern: number &- (last ?? 0))
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
            last = number
        }
        self.bytes = bytes
    }

    /// Takes bytes that were stored.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Hands every number to `body`, ascending.
    ///
    /// - Throws: What `body` throws, and `PackingError` with code `damaged` for bytes that end within a number.
    public func forEach(_ body: (Int64) throws -> Void) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            var (value, distance, shift): (Int64, UInt64, UInt64) = (0, 0, 0)
            for byte in bytes {
                guard shift < 64 else { throw Self.damaged }
                distance |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte >= 0x80 { continue }
                value &+= Int64(bitPattern: distance)
                try body(value)
                (distance, shift) = (0, 0)
            }
            guard shift == 0 else { throw Self.damaged }
        }
    }

    private static let damaged = PackingError(.damaged, "Stored numbers can't be read back")
}
