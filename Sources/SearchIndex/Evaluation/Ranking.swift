/// Scores matches by how often the words occur and how rare they are: BM25 over weighted fields (Robertson, Zaragoza,
/// Taylor 2004, "Simple BM25 extension to multiple weighted fields"), then how many of the words occur, then recency.
///
/// Frequencies, lengths and the number of issues are those of what the reader may see: a score tells nothing of the rest.
struct Ranking {
    private let columns: IssueColumns
    private let view: AllowedView
    private let leaves: [Leaf]
    private let frequencies: Frequencies

    init(columns: IssueColumns, view: AllowedView, leaves: [Leaf]) {
        self.columns = columns
        self.view = view
        self.leaves = leaves
        frequencies = Frequencies(view.meanLengths)
    }

    // The weights were chosen on public issue corpora, with duplicates as targets. `drawbridge-bench ranking` measures them.
    private static let fieldWeights: (summary: Float, body: Float, notes: Float) = (5, 1, 1.5)
    private static let lengthNormalisation: Float = 0.9
    private static let saturation: Float = 2
    /// The part of a score that depends on how many of the words occur.
    private static let coordination: Float = 0.6
    /// What the newest issue gains over a very old one.
    private static let recency: Float = 0.03
    private static let recencyDays: Float = 180

    /// Mean frequencies of the steps that postings keep.
    private static let steps: [Float] = [0, 1, 2, 3, 4.5, 7, 11, 20]

    func scores(of matches: IssueSet) -> [Hit] {
        let count = columns.records.count
        var scores = [Float](repeating: 0, count: count)
        var found = [Float](repeating: 0, count: count)
        var whole: Float = 0
        for leaf in leaves {
            let weight = leaf.weight(among: view.issueCount)
            whole += weight
            add(leaf, weight, matches, &scores, &found)
        }
        var hits: [Hit] = []
        hits.reserveCapacity(matches.count)
        matches.forEach { issue in
            let part = whole > 0 ? found[issue] / whole : 1
            let base = scores[issue] * (1 - Self.coordination + Self.coordination * part)
            hits.append(Hit(score: base * recency(issue), issue: UInt32(issue)))
        }
        return hits
    }

    struct Hit: Hashable {
        var score: Float
        var issue: UInt32

        /// The order of hits: the best first, the newer issue first among equals.
        static func precedes(_ left: Hit, _ right: Hit) -> Bool {
            left.score != right.score ? left.score > right.score : left.issue > right.issue
        }
    }

    private func recency(_ issue: Int) -> Float {
        let days = Float(max(0, view.newest - columns.records[issue].updated)) / 86_400_000
        return 1 + Self.recency * Self.recencyDays / (Self.recencyDays + days)
    }

    private func add(
        _ leaf: Leaf, _ weight: Float, _ matches: IssueSet, _ scores: inout [Float], _ found: inout [Float]
    ) {
        var restricted: [Int: Float] = [:]
        for (document, count) in leaf.postings.restricted {
            guard let visible = view.restricted[document], matches.contains(Int(visible.issue)) else { continue }
            restricted[Int(visible.issue), default: 0] += frequencies.of(
                count, leaf.plan.columns, LengthCode.packed(0, visible.bodyLength, visible.notesLength))
        }
        let mask = leaf.plan.columns
        func add(_ issue: Int, _ count: UInt8) {
            var frequency = frequencies.of(count, mask, columns.lengths[issue])
            if !restricted.isEmpty { frequency += restricted.removeValue(forKey: issue) ?? 0 }
            guard frequency > 0 else { return }
            scores[issue] += weight * frequency * (Self.saturation + 1) / (frequency + Self.saturation)
            found[issue] += weight
        }
        leaf.postings.forEach(in: matches, add)
        for (issue, frequency) in restricted where frequency > 0 {
            scores[issue] += weight * frequency * (Self.saturation + 1) / (frequency + Self.saturation)
            found[issue] += weight
        }
    }

    /// Weighted frequencies by count and length, from tables.
    private struct Frequencies {
        /// For each column and length code: the column's weight over the length's norm.
        private var factors: [Float] = []

        init(_ means: (summary: Float, body: Float, notes: Float)) {
            for (weight, mean) in [
                (fieldWeights.summary, means.summary), (fieldWeights.body, means.body),
                (fieldWeights.notes, means.notes),
            ] {
                for code in 0..<256 {
                    factors.append(
                        weight / (1 - lengthNormalisation + lengthNormalisation * LengthCode.length(code) / mean))
                }
            }
        }

        @inline(__always) func of(_ count: UInt8, _ mask: UInt8, _ lengths: UInt32) -> Float {
            var sum: Float = 0
            if count & 3 != 0, mask & 1 != 0 { sum += steps[Int(count & 3)] * factors[Int(lengths & 0xFF)] }
            if count & 0x1C != 0, mask & 2 != 0 {
                sum += steps[Int(count >> 2 & 7)] * factors[256 + Int(lengths >> 8 & 0xFF)]
            }
            if count & 0xE0 != 0, mask & 4 != 0 {
                sum += steps[Int(count >> 5)] * factors[512 + Int(lengths >> 16 & 0xFF)]
            }
            return sum
        }
    }
}

/// The best elements of a sequence, without sorting all of it.
func best<Element>(
    _ limit: Int, of elements: some Sequence<Element>, by precedes: (Element, Element) -> Bool
) -> [Element] {
    guard limit > 0 else { return [] }
    var kept: [Element] = []
    var worst: Element?
    for element in elements {
        if let worst, !precedes(element, worst) { continue }
        kept.append(element)
        guard kept.count == limit * 4 else { continue }
        kept.sort(by: precedes)
        kept.removeLast(kept.count - limit)
        worst = kept.last
    }
    kept.sort(by: precedes)
    return Array(kept.prefix(limit))
}
