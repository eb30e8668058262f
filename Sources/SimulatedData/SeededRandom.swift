/// A small generator whose whole sequence follows from its seed, so that everything simulated can be made again.
///
/// It is SplitMix64 (Steele, Lea and Flood, 2014): not for secrets, fast enough to make text with.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    /// A generator for one aspect of one thing, independent of every other aspect and thing of the same seed.
    public init(seed: UInt64, stream: UInt64, item: Int) {
        state = Self.mix(seed &+ Self.mix(stream &* 0xD6E8_FEB8_6659_FD93 &+ Self.mix(UInt64(bitPattern: Int64(item)))))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    public mutating func next() -> UInt64 {
        let result = Self.mix(state)
        state &+= 0x9E37_79B9_7F4A_7C15
        return result
    }

    /// A number in `0..<bound`; `bound` must be positive.
    public mutating func below(_ bound: Int) -> Int {
        Int(((next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
    }

    /// A number in `range`.
    public mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// A number in `0..<1`.
    public mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True with the given probability.
    public mutating func chance(_ probability: Double) -> Bool {
        fraction() < probability
    }

    /// A number in `0..<bound` where small ones are far likelier, as words are in a text.
    public mutating func skewed(_ bound: Int) -> Int {
        let first = fraction()
        return Int(first * first * first * Double(bound))
    }

    /// One element, each equally likely; the array must not be empty.
    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// One element, early ones far likelier; the array must not be empty.
    public mutating func pickSkewed<Element>(_ elements: [Element]) -> Element {
        elements[skewed(elements.count)]
    }

    /// Lower-case hexadecimal digits, as in hashes and identifiers.
    public mutating func hexadecimal(_ count: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var word: UInt64 = 0
        for position in 0..<count {
            if position & 15 == 0 { word = next() }
            bytes.append(digits[Int(word & 15)])
            word >>= 4
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An identifier in the shape of a UUID.
    public mutating func identifier() -> String {
        let digits = hexadecimal(32).utf8
        var bytes: [UInt8] = []
        for (position, digit) in digits.enumerated() {
            if position == 8 || position == 12 || position == 16 || position == 20 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(digit)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
