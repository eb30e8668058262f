/// Makes inputs from others by chance that a seed repeats: the same seed and number give the same input.
public struct SeededMutation: Sendable {
    /// The longest input made, in bytes.
    public static let byteLimit = 1 << 14

    private let seeds: [[UInt8]]
    private let words: [[UInt8]]
    private let seed: UInt64

    /// - Parameter seeds: Inputs to begin with; the target's own come besides.
    public init(of target: FuzzTarget, seeds: [[UInt8]] = [], seed: UInt64) {
        self.seeds = target.seeds + seeds
        words = target.words.map { Array($0.utf8) }
        self.seed = seed
    }

    /// The input of this number.
    public func input(_ number: UInt64) -> [UInt8] {
        var chance = Chance(state: seed ^ (number &* 0x9E37_79B9_7F4A_7C15))
        var bytes = seeds.isEmpty ? [] : seeds[chance.below(seeds.count)]
        for _ in 0...chance.below(8) { change(&bytes, &chance) }
        return Array(bytes.prefix(Self.byteLimit))
    }

    private func change(_ bytes: inout [UInt8], _ chance: inout Chance) {
        let place = chance.below(bytes.count + 1)
        let length = min(bytes.count - place, 1 + chance.below(chance.below(4) == 0 ? 256 : 16))
        let piece = Array(bytes[place..<place + length])
        switch chance.below(10) {
        case 0: bytes.insert(UInt8(truncatingIfNeeded: chance.next()), at: place)
        case 1: bytes.removeSubrange(place..<place + length)
        case 2 where place < bytes.count: bytes[place] ^= 1 << UInt8(chance.below(8))
        case 3 where !words.isEmpty: bytes.insert(contentsOf: words[chance.below(words.count)], at: place)
        case 4 where !words.isEmpty:
            bytes.replaceSubrange(place..<place + length, with: words[chance.below(words.count)])
        // What nests or repeats is where depth and quadratic time are found.
        case 5: bytes.insert(contentsOf: (0..<1 + chance.below(200)).flatMap { _ in piece }, at: place)
        case 6:
            let other = seeds[chance.below(seeds.count)]
            let start = chance.below(other.count + 1)
            bytes.insert(contentsOf: other[start..<min(other.count, start + 200)], at: place)
        case 7: bytes.insert(contentsOf: piece, at: chance.below(bytes.count + 1))
        case 8: bytes = Array(bytes.prefix(place))
        default:
            let interesting: [UInt8] = [0, 0x7F, 0x80, 0xC0, 0xED, 0xF4, 0xFF, 0x0A, 0x22, 0x5C]
            bytes.insert(interesting[chance.below(interesting.count)], at: place)
        }
    }

    /// SplitMix64.
    private struct Chance {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
    }
}
