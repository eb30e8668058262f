/// Named pieces of bytes as one block: their number, then for each its name and its bytes, every length as a
/// little-endian base-128 number.
public enum FramedParts {
    /// The most bytes one block may have.
    public static let byteLimit = 64 << 20
    /// The most parts one block may have.
    public static let partLimit = 64

    /// - Throws: `PackingError` with code `tooLarge` past a limit.
    public static func block(of parts: [(name: String, bytes: [UInt8])]) throws(PackingError) -> [UInt8] {
        let size = parts.reduce(0) { $0 + $1.bytes.count + $1.name.utf8.count + 12 }
        guard size <= byteLimit, parts.count <= partLimit else {
            throw PackingError(.tooLarge, "There are \(size) bytes in \(parts.count) parts")
        }
        var block: [UInt8] = []
        block.reserveCapacity(size)
        append(parts.count, to: &block)
        for part in parts {
            append(part.name.utf8.count, to: &block)
            block.append(contentsOf: part.name.utf8)
            append(part.bytes.count, to: &block)
            block.append(contentsOf: part.bytes)
        }
        return block
    }

    /// Reads what ``block(of:)`` wrote.
    ///
    /// - Throws: `PackingError` with code `damaged` for anything else.
    public static func parts(of block: [UInt8]) throws(PackingError) -> [(name: String, bytes: [UInt8])] {
        let damaged = PackingError(.damaged, "A block of parts can't be read back")
        var position = 0
        func number() throws(PackingError) -> Int {
            var value = 0
            for shift in stride(from: 0, to: 35, by: 7) {
                guard position < block.count else { break }
                let byte = block[position]
                position += 1
                value |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            throw damaged
        }
        func piece() throws(PackingError) -> ArraySlice<UInt8> {
            let count = try number()
            guard count <= block.count - position else { throw damaged }
            position += count
            return block[position - count..<position]
        }
        let count = try number()
        guard count <= partLimit else { throw damaged }
        var parts: [(name: String, bytes: [UInt8])] = []
        for _ in 0..<count {
            let name = String(decoding: try piece(), as: UTF8.self)
            parts.append((name, Array(try piece())))
        }
        guard position == block.count else { throw damaged }
        return parts
    }

    private static func append(_ number: Int, to block: inout [UInt8]) {
        var rest = UInt(number)
        while rest >= 0x80 {
            block.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        block.append(UInt8(rest))
    }
}
