/// Finds where looked-up terms stand in a text.
///
/// Tokens are compared by 64-bit digests: most of them match nothing, and none has to become a string.
struct PatternMatcher {
    private let stems: [(digest: UInt64, pattern: Int)]
    private let wholes: [(digest: UInt64, pattern: Int)]
    private let sequences: [Sequence]
    private let analyser: TextAnalyser

    /// A match: which pattern, and its bytes.
    struct Span {
        var pattern: Int
        var bytes: Range<Int>
    }

    private struct Sequence {
        var digests: [UInt64]
        /// The beginning that the last token must have.
        var beginning: [UInt8]?
        var pattern: Int
    }

    private struct Position {
        var exact: UInt64
        var bytes: Range<Int>
        /// A bit for each sequence whose beginning the token has.
        var begins: UInt64 = 0
    }

    init(_ patterns: [TermPlan.Pattern], _ analyser: TextAnalyser) {
        self.analyser = analyser
        var stems: [(UInt64, Int)] = [], wholes: [(UInt64, Int)] = [], sequences: [Sequence] = []
        for (index, pattern) in patterns.enumerated() {
            switch pattern {
            case .stem(let stem): stems.append((Self.digest(stem), index))
            case .identifier(let whole, let pieces):
                wholes.append((Self.digest(whole), index))
                sequences.append(Sequence(digests: pieces.map(Self.digest), beginning: nil, pattern: index))
            case .sequence(let tokens, let isPrefix):
                let beginning = isPrefix ? tokens.last.map { Array($0.utf8) } : nil
                sequences.append(
                    Sequence(digests: tokens.map(Self.digest), beginning: beginning, pattern: index))
            }
        }
        self.stems = stems
        self.wholes = wholes
        self.sequences = Array(sequences.prefix(64))
    }

    private static func digest(_ token: String) -> UInt64 { Array(token.utf8).withUnsafeBytes { digest($0) } }

    /// FNV-1a.
    @inline(__always) private static func digest(_ bytes: some Collection<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// Every match, in the order of the text.
    func spans(in text: String) -> [Span] {
        var spans: [Span] = []
        var positions: [Position] = []
        // A word's stem comes after it; until then the word may be its own stem.
        var pending: (digest: UInt64, bytes: Range<Int>)?
        func match(_ digest: UInt64, _ bytes: Range<Int>, in table: [(digest: UInt64, pattern: Int)]) {
            for entry in table where entry.digest == digest { spans.append(Span(pattern: entry.pattern, bytes: bytes)) }
        }
        analyser.forEachToken(of: text) { token, flags, start, end in
            let kind = TextAnalyser.Token(text: "", flags: flags, start: start, end: end)
            if kind.isStem {
                match(Self.digest(token.dropFirst()), start..<end, in: stems)
                pending = nil
                return
            }
            if let word = pending { match(word.digest, word.bytes, in: stems) }
            let digest = Self.digest(token)
            pending = (digest, start..<end)
            match(digest, start..<end, in: wholes)
            guard !sequences.isEmpty, !kind.isWhole else { return }
            var position = Position(exact: digest, bytes: start..<end)
            for (index, sequence) in sequences.enumerated() {
                if let beginning = sequence.beginning, token.starts(with: beginning) {
                    position.begins |= 1 << UInt64(index)
                }
            }
            positions.append(position)
        }
        if let word = pending { match(word.digest, word.bytes, in: stems) }
        for (index, sequence) in sequences.enumerated() { find(sequence, index, positions, &spans) }
        return spans.sorted { ($0.bytes.lowerBound, $0.pattern) < ($1.bytes.lowerBound, $1.pattern) }
    }

    private func find(_ sequence: Sequence, _ index: Int, _ positions: [Position], _ spans: inout [Span]) {
        let length = sequence.digests.count
        guard length > 0, length <= positions.count else { return }
        let exact = sequence.beginning == nil ? length : length - 1
        for start in 0...(positions.count - length) {
            var matched = 0
            while matched < exact, positions[start + matched].exact == sequence.digests[matched] { matched += 1 }
            let last = positions[start + length - 1]
            guard matched == exact, exact == length || last.begins & (1 << UInt64(index)) != 0 else { continue }
            spans.append(
                Span(pattern: sequence.pattern, bytes: positions[start].bytes.lowerBound..<last.bytes.upperBound))
        }
    }
}
