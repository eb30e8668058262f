internal import SearchLanguage

/// How a word, phrase or prefix is looked up.
struct TermPlan: Hashable, Sendable {
    /// In FTS5's query language, over the index's own tokens only.
    var expression: String
    /// The columns it may be found in, as bits.
    var columns: UInt8
    /// Where it stands in the query.
    var range: Range<Int>
    var isStopWord = false
    /// One plain word, which a correction may replace.
    var word: String?
    /// How highlights recognise it.
    var pattern: Pattern
    /// How much it counts beside other terms.
    var weight: Float = 1

    /// What an identifier counts where its pieces are looked for as well.
    static let weightBesidePieces: Float = 0.3

    enum Pattern: Hashable, Sendable {
        /// Any token of this stem.
        case stem(String)
        /// These exact tokens in a row, the last perhaps only begun.
        case sequence([String], isPrefix: Bool)
        /// The whole of an identifier, or its pieces in a row.
        case identifier(String, [String])
    }

    /// The most positions of one phrase; further ones are not looked at.
    static let phraseLimit = 24

    /// The lookups of a term, all of which must match; none when it holds nothing that is indexed.
    static func plans(for term: TextTerm, _ analyser: TextAnalyser) throws(QueryError) -> [TermPlan] {
        let positions = Self.positions(of: term.text, analyser)
        guard !positions.isEmpty else { return [] }
        switch term.kind {
        case .phrase: return [phrase(positions, term)]
        case .prefix: return [try prefix(positions, term)]
        case .word:
            let parts = positions.split(before: \.beginsWord)
            if parts.count == 1 { return [Self.word(positions, term, analyser)] }
            // Words joined by a hyphen or slash are words; anything else joined is an identifier and belongs together.
            let joiners = term.text.unicodeScalars.filter { !$0.properties.isAlphabetic }
            let isCompound = joiners.allSatisfy { "-/\u{2010}\u{2013}\u{2014}'’".unicodeScalars.contains($0) }
            let standsAlone = positions.contains { $0.exact.unicodeScalars.contains { $0.value >= 0x0E00 } }
            guard isCompound, !standsAlone, parts.count <= 6 else { return [phrase(positions, term)] }
            return parts.map { Self.word(Array($0), term, analyser) }
        }
    }

    /// The words inside an identifier or another joined word; none for a plain word.
    static func pieces(of term: TextTerm, _ analyser: TextAnalyser) throws(QueryError) -> [TextTerm] {
        let plans = try plans(for: term, analyser)
        guard term.kind == .word, !plans.contains(where: { $0.word != nil }) else { return [] }
        let positions = Self.positions(of: term.text, analyser)
        return positions.filter { position in
            position.exact.utf8.count > 1 && !StopWords.english.contains(position.exact)
        }.map { TextTerm(kind: .word, text: $0.exact, columns: term.columns, range: term.range) }
    }

    struct Position: Hashable {
        var exact: String
        var stem: String?
        var whole: String?
        var beginsWord: Bool
    }

    static func positions(of text: String, _ analyser: TextAnalyser) -> [Position] {
        var positions: [Position] = []
        for token in analyser.tokens(of: text) where token.text != "\u{2}" {
            if token.isStem, token.isWhole { continue }
            if token.isStem, let last = positions.indices.last {
                positions[last].stem = String(token.text.dropFirst())
            } else if token.isWhole, let last = positions.indices.last {
                positions[last].whole = token.text
            } else {
                guard positions.count < phraseLimit else { break }
                positions.append(Position(exact: token.text, stem: nil, whole: nil, beginsWord: !token.isPiece))
            }
        }
        return positions
    }

    private static func word(_ positions: [Position], _ term: TextTerm, _ analyser: TextAnalyser) -> TermPlan {
        let first = positions[0]
        guard positions.count == 1 else {
            let pieces = positions.map(\.exact)
            guard let whole = first.whole else { return phrase(positions, term) }
            return TermPlan(
                expression: "\"\(whole)\" OR \(quoted(pieces))", columns: term.columns, range: term.range,
                word: nil, pattern: .identifier(whole, pieces))
        }
        let stem = first.stem ?? first.exact
        var expression = "\"\u{1}\(stem)\""
        // The word that is its own stem carries no mark.
        if analyser.stem(of: stem) == stem { expression += " OR \"\(stem)\"" }
        return TermPlan(
            expression: expression, columns: term.columns, range: term.range,
            isStopWord: StopWords.english.contains(first.exact), word: first.exact, pattern: .stem(stem))
    }

    private static func phrase(_ positions: [Position], _ term: TextTerm) -> TermPlan {
        let tokens = positions.map(\.exact)
        let isIdentifier = positions.filter(\.beginsWord).count == 1
        if isIdentifier, let whole = positions[0].whole {
            return TermPlan(
                expression: "\"\(whole)\" OR \(quoted(tokens))", columns: term.columns, range: term.range,
                pattern: .identifier(whole, tokens))
        }
        return TermPlan(
            expression: quoted(tokens), columns: term.columns, range: term.range,
            pattern: .sequence(tokens, isPrefix: false))
    }

    private static func prefix(_ positions: [Position], _ term: TextTerm) throws(QueryError) -> TermPlan {
        let tokens = positions.map(\.exact)
        if tokens.count == 1, tokens[0].unicodeScalars.count < 2, tokens[0].unicodeScalars.allSatisfy(\.isASCII) {
            throw QueryError(
                .badQuery, "`\(term.text)*` is too short: a beginning needs at least two letters", at: term.range)
        }
        var expression = "\(quoted(tokens)) *"
        if let whole = positions[0].whole, positions.filter(\.beginsWord).count == 1 {
            expression += " OR \"\(whole)\" *"
        }
        return TermPlan(
            expression: expression, columns: term.columns, range: term.range,
            pattern: .sequence(tokens, isPrefix: true))
    }

    private static func quoted(_ tokens: [String]) -> String { "\"\(tokens.joined(separator: " "))\"" }
}

extension Array where Element == TermPlan.Position {
    /// Cut before every element for which `begins` holds.
    fileprivate func split(before begins: (Element) -> Bool) -> [ArraySlice<Element>] {
        var parts: [ArraySlice<Element>] = []
        var start = 0
        for index in indices.dropFirst() where begins(self[index]) {
            parts.append(self[start..<index])
            start = index
        }
        parts.append(self[start...])
        return parts
    }
}

/// Words so common that they say little. They are indexed, and count where a query has nothing else or quotes them.
enum StopWords {
    static let english: Set<String> = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "could", "did", "do", "does", "for", "from",
        "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "my", "no", "not", "of", "on", "or",
        "our", "should", "so", "such", "than", "that", "the", "their", "then", "there", "these", "they", "this", "to",
        "was", "we", "were", "what", "when", "which", "will", "with", "would", "you", "your",
    ]
}
