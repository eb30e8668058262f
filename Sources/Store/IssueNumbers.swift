internal import IssueModel

/// Ascending issue numbers as bytes: each the distance from the one before, seven bits a byte, lowest first. A number
/// takes one or two bytes, so that a listing of a million issues is about a megabyte.
struct IssueNumbers {
    let bytes: [UInt8]

    /// - Parameter issues: Sorted; repeated ones are written once.
    init(_ issues: [IssueID]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(issues.count * 2)
        var last: Int64?
        for issue in issues where issue.rawValue != last {
            // The first is measured from zero; wrapping keeps even absurd numbers apart.
            var rest = UInt64(bitPattern: issue.rawValue &- (last ?? 0))
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
            last = issue.rawValue
        }
        self.bytes = bytes
    }

    /// Takes bytes that were stored.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Hands every number to `body`, ascending.
    ///
    /// - Throws: `StoreError` with code `damaged` for bytes that ``init(_:)-([IssueID])`` did not write.
    func forEach(_ body: (Int64) throws -> Void) throws {
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

    var all: [IssueID] {
        get throws {
            var result: [IssueID] = []
            try forEach { result.append(IssueID($0)) }
            return result
        }
    }

    private static let damaged = StoreError(.damaged, "A stored listing can't be read back")
}
