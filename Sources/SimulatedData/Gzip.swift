/// Reads gzip files (RFC 1952, deflate as in RFC 1951), so that a compressed corpus needs no further tool.
enum Gzip {
    static func isCompressed(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B])
    }

    /// - Throws: ``CorpusError`` for anything that is not a whole gzip file or becomes longer than `limit` bytes.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(CorpusError) -> [UInt8] {
        guard bytes.count > 18, isCompressed(bytes), bytes[2] == 8 else {
            throw CorpusError(line: 0, reason: "not a gzip file")
        }
        let flags = bytes[3]
        var start = 10
        if flags & 4 != 0 { start += 2 + Int(bytes[start]) + Int(bytes[start + 1]) << 8 }
        for flag in [UInt8(8), 16] where flags & flag != 0 {
            while start < bytes.count, bytes[start] != 0 { start += 1 }
            start += 1
        }
        if flags & 2 != 0 { start += 2 }
        guard start < bytes.count else { throw CorpusError(line: 0, reason: "the gzip header is cut off") }
        return try bytes.withUnsafeBufferPointer { buffer throws(CorpusError) in
            var inflater = Inflater(input: buffer, position: start, limit: limit)
            return try inflater.run()
        }
    }
}

private struct Inflater {
    let input: UnsafeBufferPointer<UInt8>
    var position: Int
    let limit: Int
    private var held: UInt32 = 0
    private var heldCount: UInt32 = 0
    private var output: [UInt8] = []

    init(input: UnsafeBufferPointer<UInt8>, position: Int, limit: Int) {
        self.input = input
        self.position = position
        self.limit = limit
    }

    private static let damaged = CorpusError(line: 0, reason: "the compressed data is damaged or cut off")

    mutating func run() throws(CorpusError) -> [UInt8] {
        var isLast = false
        while !isLast {
            isLast = try bits(1) == 1
            switch try bits(2) {
            case 0: try stored()
            case 1: try block(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try tables()
                try block(literals, distances)
            default: throw Self.damaged
            }
        }
        return output
    }

    private mutating func bits(_ count: UInt32) throws(CorpusError) -> UInt32 {
        while heldCount < count {
            guard position < input.count else { throw Self.damaged }
            held |= UInt32(input[position]) << heldCount
            position += 1
            heldCount += 8
        }
        let value = held & ((1 << count) - 1)
        held >>= count
        heldCount -= count
        return value
    }

    private mutating func stored() throws(CorpusError) {
        held = 0
        heldCount = 0
        guard position + 4 <= input.count else { throw Self.damaged }
        let length = Int(input[position]) | Int(input[position + 1]) << 8
        position += 4
        guard position + length <= input.count, output.count + length <= limit else { throw Self.damaged }
        output.append(contentsOf: input[position..<(position + length)])
        position += length
    }

    /// A canonical Huffman code: how many codes there are of each length, and the symbols in order.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int]

        init(_ lengths: [Int]) {
            symbols = [Int](repeating: 0, count: lengths.count)
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            var offsets = [Int](repeating: 0, count: 16)
            for length in 1..<15 { offsets[length + 1] = offsets[length] + counts[length] }
            for (symbol, length) in lengths.enumerated() where length > 0 {
                symbols[offsets[length]] = symbol
                offsets[length] += 1
            }
        }
    }

    private static let fixedLiterals = Code(
        [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
            + [Int](repeating: 8, count: 8))
    private static let fixedDistances = Code([Int](repeating: 5, count: 30))

    private mutating func symbol(_ code: Code) throws(CorpusError) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            value |= Int(try bits(1))
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw Self.damaged
    }

    private mutating func tables() throws(CorpusError) -> (Code, Code) {
        let literalCount = Int(try bits(5)) + 257
        let distanceCount = Int(try bits(5)) + 1
        let lengthCount = Int(try bits(4)) + 4
        var lengths = [Int](repeating: 0, count: 19)
        for position in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(lengthCount) {
            lengths[position] = Int(try bits(3))
        }
        let lengthCode = Code(lengths)
        var all: [Int] = []
        while all.count < literalCount + distanceCount {
            let next = try symbol(lengthCode)
            switch next {
            case 0..<16: all.append(next)
            case 16:
                guard let last = all.last else { throw Self.damaged }
                all += [Int](repeating: last, count: 3 + Int(try bits(2)))
            case 17: all += [Int](repeating: 0, count: 3 + Int(try bits(3)))
            default: all += [Int](repeating: 0, count: 11 + Int(try bits(7)))
            }
        }
        guard all.count == literalCount + distanceCount else { throw Self.damaged }
        return (Code(Array(all[..<literalCount])), Code(Array(all[literalCount...])))
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits: [UInt32] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097,
        6_145, 8_193, 12_289, 16_385, 24_577,
    ]

    private mutating func block(_ literals: Code, _ distances: Code) throws(CorpusError) {
        while true {
            let next = try symbol(literals)
            if next < 256 {
                guard output.count < limit else { throw CorpusError(line: 0, reason: "the file is too large") }
                output.append(UInt8(next))
                continue
            }
            if next == 256 { return }
            guard next - 257 < Self.lengthBases.count else { throw Self.damaged }
            let length = Self.lengthBases[next - 257] + Int(try bits(Self.lengthBits[next - 257]))
            let slot = try symbol(distances)
            guard slot < Self.distanceBases.count else { throw Self.damaged }
            let extra = slot < 4 ? 0 : UInt32(slot / 2 - 1)
            let distance = Self.distanceBases[slot] + Int(try bits(extra))
            guard distance <= output.count, output.count + length <= limit else { throw Self.damaged }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
}
