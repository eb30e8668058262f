internal import Database
internal import SearchLanguage

/// Offers another spelling for words that nothing the reader may see contains.
///
/// Which one is offered depends on nothing but what the reader may see: the vocabulary is everybody's, so each word of it
/// counts only once the reader's own documents were found to have it, and by how many of these do.
struct Corrector {
    let connection: Connection

    /// The index's words that begin alike are looked at; at most this many.
    private static let vocabularyLimit = 4_000
    /// The closest words with one beginning that are looked for among what the reader may see. Bounds the time.
    private static let candidatesTried = 32

    /// Words close to `word`, best first.
    ///
    /// - Parameter frequency: In how many documents that the reader may see a word of the index is.
    func candidates(for word: String, frequency: (String) throws -> Int) throws -> [String] {
        let limit = EditDistance.tolerance(for: word)
        let letters = Array(word.unicodeScalars)
        guard limit > 0, letters.count <= 32, letters.allSatisfy({ $0.properties.isAlphabetic }) else { return [] }
        var found: [String: (distance: Int, count: Int)] = [:]
        for beginning in Self.beginnings(of: letters) {
            var near: [(term: String, distance: Int)] = []
            try scan(beginning) { term in
                guard found[term] == nil, term != word,
                    let distance = EditDistance.between(word, term, limit: limit)
                else { return }
                near.append((term, distance))
            }
            near.sort { ($0.distance, $0.term) < ($1.distance, $1.term) }
            for (term, distance) in near.prefix(Self.candidatesTried) {
                if let closest = found.values.map(\.distance).min(), closest < distance { break }
                let count = try frequency(term)
                if count > 0 { found[term] = (distance, count) }
            }
            // A close word with the same beginning is the likeliest; the wider scans are for when there is none.
            if found.values.contains(where: { $0.distance == 1 }) { break }
        }
        return found.sorted { left, right in
            left.value.distance != right.value.distance
                ? left.value.distance < right.value.distance
                : left.value.count != right.value.count ? left.value.count > right.value.count : left.key < right.key
        }.map(\.key)
    }

    /// The first letter is seldom wrong; the second may be, or have changed places with it.
    private static func beginnings(of letters: [Unicode.Scalar]) -> [String] {
        let choices = [
            Array(letters.prefix(3)), [letters[0], letters[1]], [letters[1], letters[0]], [letters[0], letters[2]],
            [letters[1], letters[2]],
        ]
        var result: [String] = []
        for choice in choices {
            var text = ""
            text.unicodeScalars.append(contentsOf: choice)
            if !result.contains(text) { result.append(text) }
        }
        return result
    }

    private func scan(_ beginning: String, _ body: (String) -> Void) throws {
        let statement = try connection.statement(
            """
            SELECT term FROM search_vocabulary WHERE term >= ?1 AND term < ?2 LIMIT \(Self.vocabularyLimit)
            """)
        statement.bind(1, beginning)
        statement.bind(2, beginning + "\u{10FFFF}")
        defer { statement.reset() }
        while try statement.step() { body(statement.row.text(0)) }
    }
}
