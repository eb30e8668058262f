/// How far two words are apart: insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
package enum EditDistance {
    /// The distance, or `nil` when it is more than `limit`.
    package static func between(_ left: String, _ right: String, limit: Int) -> Int? {
        let a = Array(left.unicodeScalars.prefix(64))
        let b = Array(right.unicodeScalars.prefix(64))
        guard abs(a.count - b.count) <= limit else { return nil }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        var current = last
        for i in 0..<a.count {
            current[0] = i + 1
            var best = current[0]
            for j in 0..<b.count {
                let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
                current[j + 1] = min(replaced, last[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    current[j + 1] = min(current[j + 1], beforeLast[j - 1] + 1)
                }
                best = min(best, current[j + 1])
            }
            if best > limit { return nil }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[b.count] <= limit ? last[b.count] : nil
    }

    /// How many mistakes a word of this length may have and still be recognised.
    package static func tolerance(for word: String) -> Int {
        switch word.unicodeScalars.count {
        case ..<3: 0
        case 3...5: 1
        default: 2
        }
    }

    /// At most three of `names`, the nearest first: those within the tolerance, or those that begin with the word.
    package static func nearest(to word: String, among names: some Sequence<String>) -> [String] {
        let folded = word.lowercased()
        let limit = max(1, tolerance(for: folded))
        var found: [(distance: Int, name: String)] = []
        for name in names {
            let candidate = name.lowercased()
            if let distance = between(folded, candidate, limit: limit) {
                found.append((distance, name))
            } else if folded.count >= 3, candidate.hasPrefix(folded) || candidate.contains(folded) {
                found.append((limit + 1, name))
            }
        }
        var seen: Set<String> = []
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.map(\.name)
            .filter { seen.insert($0).inserted }.prefix(3).map { $0 }
    }
}
