internal import Database
internal import SearchLanguage

/// Offers another spelling for words that nothing the reader may see contains.
struct Corrector {
    let connection: Connection

    /// The index's words that begin alike are looked at; at most this many.
    private static let vocabularyLimit = 4_000
    /// Postings' instances of which a beginning may have before it is left alone. Bounds the time.
    private static let candidatesTried = 8

    /// Words of the index close to `word`, best first. They still have to be found among what the reader may see.
    func candidates(for word: String) throws -> [String] {
        let limit = EditDistance.tolerance(for: word)
        let letters = Array(word.unicodeScalars)
        guard limit > 0, letters.count <= 32, letters.allSatisfy({ $0.properties.isAlphabetic }) else { return [] }
        // The first letter is seldom wrong; the second may be, or have changed places with it.
        var beginnings: [String] = []
        func begin(_ scalars: some Sequence<Unicode.Scalar>) {
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            if !beginnings.contains(text) { beginnings.append(text) }
        }
        begin(letters.prefix(3))
        begin([letters[0], letters[1]])
        begin([letters[1], letters[0]])
        begin([letters[0], letters[2]])
        begin([letters[1], letters[2]])
        var found: [String: (distance: Int, count: Int)] = [:]
        for beginning in beginnings {
            try scan(beginning) { term, count in
                guard found[term] == nil, term != word,
                    let distance = EditDistance.between(word, term, limit: limit)
                else { return }
                found[term] = (distance, count)
            }
            // A close word with the same beginning is the likeliest; the wider scans are for when there is none.
            if found.values.contains(where: { $0.distance == 1 }) { break }
        }
        return found.sorted { left, right in
            left.value.distance != right.value.distance
                ? left.value.distance < right.value.distance
                : left.value.count != right.value.count ? left.value.count > right.value.count : left.key < right.key
        }.prefix(Self.candidatesTried).map(\.key)
    }

    private func scan(_ beginning: String, _ body: (String, Int) -> Void) throws {
        let statement = try connection.statement(
            """
            SELECT term, doc FROM search_vocabulary WHERE term >= ?1 AND term < ?2 LIMIT \(Self.vocabularyLimit)
            """)
        statement.bind(1, beginning)
        statement.bind(2, beginning + "\u{10FFFF}")
        defer { statement.reset() }
        while try statement.step() { body(statement.row.text(0), statement.row.int(1)) }
    }
}
