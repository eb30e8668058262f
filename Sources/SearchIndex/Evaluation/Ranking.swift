/// Scores matches by how often the words occur and how rare they are: BM25 over weighted fields (Robertson, Zaragoza,
/// Taylor 2004, "Simple BM25 extension to multiple weighted fields"), then how many of the words occur, then recency.
///
/// Frequencies, lengths and the number of issues are those of what the reader may see: a score tells nothing of the rest.
struct Ranking {
    let columns: IssueColumns
    let view: AllowedView
    let leaves: [Leaf]

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
            restricted[Int(visible.issue), default: 0] += frequency(
                count, leaf.plan.columns, (0, visible.bodyLength, visible.notesLength))
        }
        let base = Self.saturation + 1
        for index in leaf.postings.issues.indices {
            let issue = Int(leaf.postings.issues[index])
            guard matches.contains(issue) else { continue }
            let record = columns.records[issue]
            var frequency = frequency(
                leaf.postings.counts[index], leaf.plan.columns,
                (record.summaryLength, record.bodyLength, record.notesLength))
            if !restricted.isEmpty { frequency += restricted.removeValue(forKey: issue) ?? 0 }
            guard frequency > 0 else { continue }
            scores[issue] += weight * frequency * base / (frequency + Self.saturation)
            found[issue] += weight
        }
        for (issue, frequency) in restricted where frequency > 0 {
            scores[issue] += weight * frequency * base / (frequency + Self.saturation)
            found[issue] += weight
        }
    }

    @inline(__always) private func frequency(
        _ count: UInt8, _ mask: UInt8, _ lengths: (summary: UInt32, body: UInt32, notes: UInt32)
    ) -> Float {
        @inline(__always) func part(_ step: UInt8, _ weight: Float, _ length: UInt32, _ mean: Float) -> Float {
            let normal = 1 - Self.lengthNormalisation + Self.lengthNormalisation * Float(length) / mean
            return weight * Self.steps[Int(step)] / normal
        }
        var sum: Float = 0
        if count & 3 != 0, mask & 1 != 0 {
            sum += part(count & 3, Self.fieldWeights.summary, lengths.summary, view.meanLengths.summary)
        }
        if count & 0x1C != 0, mask & 2 != 0 {
            sum += part(count >> 2 & 7, Self.fieldWeights.body, lengths.body, view.meanLengths.body)
        }
        if count & 0xE0 != 0, mask & 4 != 0 {
            sum += part(count >> 5, Self.fieldWeights.notes, lengths.notes, view.meanLengths.notes)
        }
        return sum
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
