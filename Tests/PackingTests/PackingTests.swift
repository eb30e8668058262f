import Packing
import Testing

@Suite struct PackingTests {
    struct Numbers: CustomTestStringConvertible {
        var name: String
        var numbers: [Int64]
        var testDescription: String { name }
    }

    @Test(
        "ascending numbers are read back as they were written",
        arguments: [
            Numbers(name: "none", numbers: []), Numbers(name: "zero", numbers: [0]),
            Numbers(name: "close", numbers: Array(10_000...12_000)),
            Numbers(name: "far apart", numbers: [.min, -5, 7, 1 << 40, .max]),
        ])
    func numbers(_ example: Numbers) throws {
        var read: [Int64] = []
        try AscendingNumbers(bytes: AscendingNumbers(example.numbers).bytes).forEach { read.append($0) }
        #expect(read == example.numbers)
    }

    @Test("a number given twice is written once, and close numbers take a byte each")
    func repeated() throws {
        #expect(AscendingNumbers([5, 5, 6]) == AscendingNumbers([5, 6]))
        #expect(AscendingNumbers(1...100_000).bytes.count == 100_000)
    }

    @Test("bytes that end within a number are refused, and so is a number without end", arguments: [1, 11])
    func damagedNumbers(_ count: Int) {
        let bytes = [UInt8](repeating: 0xFF, count: count)
        #expect(throws: PackingError.self) { try AscendingNumbers(bytes: bytes).forEach { _ in } }
    }

    @Test("a text is compressed and read back, with a dictionary and without")
    func compression() throws {
        let samples = (0..<200).map { Array(#"{"id":"\#($0)","status":{"name":"Open"},"user":"a\#($0 % 7)"}"#.utf8) }
        for codec in [Zstd(), Zstd(dictionary: Zstd.train(on: samples))] {
            let packed = try codec.compress(samples[3])
            #expect(try packed.withUnsafeBytes { try codec.decompress($0) } == samples[3])
        }
    }

    @Test("what was cut or changed is refused instead of read")
    func damagedText() throws {
        let codec = Zstd()
        let packed = try codec.compress(Array("many words, many words, many words".utf8))
        for length in 0..<packed.count {
            #expect(throws: PackingError.self) {
                try packed.prefix(length).withUnsafeBytes { try codec.decompress($0) }
            }
        }
    }
}
