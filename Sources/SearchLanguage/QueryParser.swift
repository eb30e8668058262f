/// Parses the plain query language: words are AND-ed, `OR` binds more weakly, `-` and `NOT` exclude, parentheses group.
package struct QueryParser {
    private var tokens: [(token: QueryToken, range: Range<Int>)] = []
    private var position = 0
    private var builder: FilterBuilder
    private var textTerms = 0
    private var ignored = 0
    private var order = SortOrder.relevance

    package static func parse(_ query: String, clock: DateExpression.Clock) throws(QueryError) -> ParsedQuery {
        var lexer = QueryLexer(try QueryText(query))
        var parser = QueryParser(builder: FilterBuilder(clock: clock))
        while let next = try lexer.next() { parser.tokens.append(next) }
        return try parser.run()
    }

    private init(builder: FilterBuilder) { self.builder = builder }

    private mutating func run() throws(QueryError) -> ParsedQuery {
        var parts: [QueryNode] = []
        while position < tokens.count {
            if let node = try disjunction(depth: 0) { parts.append(node) }
            // Only a parenthesis that closes nothing stops it early.
            position += position < tokens.count ? 1 : 0
        }
        let root = Self.join(parts, QueryNode.and) ?? .everything
        var query = ParsedQuery(root: root, order: order, ignoredWords: ignored)
        query.isPlainWords = tokens.contains { $0.token.isWord } && tokens.allSatisfy { $0.token.isPlain }
        return query
    }

    private mutating func disjunction(depth: Int) throws(QueryError) -> QueryNode? {
        var choices: [QueryNode] = []
        while true {
            if let choice = try conjunction(depth: depth) { choices.append(choice) }
            guard position < tokens.count, tokens[position].token == .or else { break }
            position += 1
        }
        return Self.join(choices, QueryNode.or)
    }

    private mutating func conjunction(depth: Int) throws(QueryError) -> QueryNode? {
        var parts: [QueryNode] = []
        while position < tokens.count {
            switch tokens[position].token {
            case .or, .close: return Self.join(parts, QueryNode.and)
            case .and: position += 1
            default:
                if let part = try unary(depth: depth) { parts.append(part) }
            }
        }
        return Self.join(parts, QueryNode.and)
    }

    private mutating func unary(depth: Int) throws(QueryError) -> QueryNode? {
        let (token, range) = tokens[position]
        guard depth < QueryLimits.depth else {
            throw QueryError(
                .queryTooDeep, "The query nests more than \(QueryLimits.depth) levels",
                advice: "Use fewer parentheses", at: range)
        }
        position += 1
        switch token {
        case .not:
            guard position < tokens.count, tokens[position].token != .or, tokens[position].token != .close else {
                return nil
            }
            return try unary(depth: depth + 1).map { .not($0) }
        case .open:
            let inside = try disjunction(depth: depth + 1)
            if position < tokens.count, tokens[position].token == .close { position += 1 }
            return inside
        case .word(let word): return term(word, range)
        case .phrase(let phrase): return term(TextTerm(kind: .phrase, text: phrase, range: range))
        case .filter(let filter): return try node(of: filter, range)
        case .close, .or, .and: return nil
        }
    }

    private mutating func term(_ word: String, _ range: Range<Int>) -> QueryNode? {
        guard word.last == "*" else { return term(TextTerm(kind: .word, text: word, range: range)) }
        let stem = word.reversed().drop { $0 == "*" }.reversed()
        return term(TextTerm(kind: .prefix, text: String(stem), range: range))
    }

    private mutating func term(_ term: TextTerm) -> QueryNode? {
        guard textTerms < QueryLimits.textTerms else {
            ignored += 1
            return nil
        }
        guard
            term.text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
        else { return nil }
        textTerms += 1
        return .text(term)
    }

    private mutating func node(of token: QueryToken.FilterToken, _ range: Range<Int>) throws(QueryError) -> QueryNode? {
        guard let field = FilterField(name: token.name) else {
            order = try builder.order(token, range)
            return nil
        }
        let node = try builder.node(field, token.comparison, token.values, range)
        return token.isNegated ? .not(node) : node
    }

    package static func join(_ parts: [QueryNode], _ make: ([QueryNode]) -> QueryNode) -> QueryNode? {
        parts.count <= 1 ? parts.first : make(parts)
    }
}

extension QueryToken {
    fileprivate var isWord: Bool { if case .word = self { true } else { false } }

    /// A word without a star, or a filter: what a query consists of that may be widened.
    fileprivate var isPlain: Bool {
        switch self {
        case .word(let word): word.last != "*"
        case .filter: true
        default: false
        }
    }
}
