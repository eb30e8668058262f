/// Finds the word that was probably meant.
public enum Spelling {
    /// The candidate within two edits of `word` (Levenshtein distance) or a third of its length, the closest first;
    /// letter case makes no difference.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(longest))
        let reach = max(2, wanted.count / 3)
        return candidates.map { ($0, distance(wanted, Array($0.lowercased().utf8.prefix(longest)))) }
            .filter { $0.1 <= reach }.min { $0.1 < $1.1 }?.0
    }

    /// Bytes compared of a word.
    private static let longest = 64

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                current.append(
                    min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
