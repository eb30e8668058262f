/// Parses the part of JQL that Drawbridge answers: its fields, `AND`, `OR`, `NOT`, lists, dates, text and `ORDER BY`.
///
/// Follows Atlassian's description of JQL (Jira Cloud: "JQL operators", "JQL fields"). `!=` and `NOT IN` leave out issues
/// whose field is empty, as they do in Jira.
package struct JQLParser {
    private let tokens: [(token: JQLToken, range: Range<Int>)]
    private let builder: FilterBuilder
    private let length: Int
    private var position = 0
    private var textTerms = 0

    package static func parse(_ query: String, clock: DateExpression.Clock) throws(QueryError) -> ParsedQuery {
        let text = try QueryText(query)
        var parser = JQLParser(
            tokens: try JQLLexer.tokens(of: text), builder: FilterBuilder(clock: clock), length: text.scalars.count)
        return try parser.run()
    }

    private init(tokens: [(token: JQLToken, range: Range<Int>)], builder: FilterBuilder, length: Int) {
        self.tokens = tokens
        self.builder = builder
        self.length = length
    }

    private mutating func run() throws(QueryError) -> ParsedQuery {
        var query = ParsedQuery(root: .everything)
        if position < tokens.count, !isWord("ORDER") { query.root = try disjunction(depth: 0) }
        if isWord("ORDER") { query.order = try order() }
        guard position == tokens.count else { throw unexpected("AND, OR or ORDER BY") }
        return query
    }

    private mutating func disjunction(depth: Int) throws(QueryError) -> QueryNode {
        var choices = [try conjunction(depth: depth)]
        while take("OR") || takeSymbol(["|", "||"]) != nil { choices.append(try conjunction(depth: depth)) }
        return QueryParser.join(choices, QueryNode.or) ?? .everything
    }

    private mutating func conjunction(depth: Int) throws(QueryError) -> QueryNode {
        var parts = [try unary(depth: depth)]
        while take("AND") || takeSymbol(["&", "&&"]) != nil { parts.append(try unary(depth: depth)) }
        return QueryParser.join(parts, QueryNode.and) ?? .everything
    }

    private mutating func unary(depth: Int) throws(QueryError) -> QueryNode {
        guard depth < QueryLimits.depth else {
            throw QueryError(.queryTooDeep, "The JQL nests more than \(QueryLimits.depth) levels", at: here)
        }
        if take("NOT") || takeSymbol(["!"]) != nil { return .not(try unary(depth: depth + 1)) }
        guard position < tokens.count, tokens[position].token == .open else { return try clause() }
        position += 1
        let inside = try disjunction(depth: depth + 1)
        guard position < tokens.count, tokens[position].token == .close else {
            throw unexpected("a closing parenthesis")
        }
        position += 1
        return inside
    }

    // MARK: Clauses

    private mutating func clause() throws(QueryError) -> QueryNode {
        let start = here.lowerBound
        let name = try value("a field")
        if let columns = Self.textFields[name.text.lowercased()] { return try textClause(name, columns) }
        guard let field = FilterField(name: name.text), field != .has, field != .is else {
            let known = FilterField.allCases.filter { $0 != .has && $0 != .is }.map(\.rawValue) + Self.textFields.keys
            let nearest = EditDistance.nearest(to: name.text, among: known)
            throw QueryError(
                .unknownFilter, "There is no field `\(name.text)` to search by",
                advice: nearest.first.map { "Did you mean `\($0)`?" }
                    ?? "Fields are \(known.sorted().joined(separator: ", "))",
                at: name.range, suggestions: nearest)
        }
        if take("IS") {
            let isNot = take("NOT")
            guard take("EMPTY") || take("NULL") else { throw unexpected("EMPTY") }
            let empty = QueryNode.filter(Filter(field: field, test: .empty, range: start..<here.lowerBound))
            return isNot ? .not(empty) : empty
        }
        var comparison = Comparison.equal
        let values: [Filter.Value]
        let isNot = take("NOT")
        if take("IN") {
            comparison = isNot ? .unequal : .equal
            values = try list()
        } else {
            guard !isNot, let symbol = takeSymbol(Comparison.allCases.map(\.rawValue) + ["~", "!~"]) else {
                throw unexpected("an operator such as =, !=, IN or IS EMPTY")
            }
            comparison = symbol == "~" ? .equal : symbol == "!~" ? .unequal : Comparison(rawValue: symbol) ?? .equal
            values = [try value("a value")]
        }
        return try build(field, comparison, values, start..<here.lowerBound)
    }

    private func build(
        _ field: FilterField, _ comparison: Comparison, _ values: [Filter.Value], _ range: Range<Int>
    ) throws(QueryError) -> QueryNode {
        let words = values.map { value in
            let folded = value.text.lowercased()
            guard !value.isQuoted else { return value }
            if folded == "currentuser()" { return Filter.Value(text: "me", isQuoted: false, range: value.range) }
            if folded == "null" { return Filter.Value(text: "empty", isQuoted: false, range: value.range) }
            // JQL quotes names only where they hold spaces: none, me and stars mean themselves.
            return folded == "empty" || field.isDate
                ? value : Filter.Value(text: value.text, isQuoted: true, range: value.range)
        }
        if comparison == .unequal, !field.isDate,
            words.contains(where: { !$0.isQuoted && $0.text.lowercased() == "empty" })
        {
            return .not(.filter(Filter(field: field, test: .empty, range: range)))
        }
        return try builder.node(field, comparison, words, range)
    }

    private static let textFields: [String: UInt8] = [
        "text": 7, "summary": 1, "description": 2, "environment": 2, "comment": 4,
    ]

    /// `text ~ "error \"out of memory\" java*"`: words in quotes inside are a phrase.
    private mutating func textClause(_ name: Filter.Value, _ columns: UInt8) throws(QueryError) -> QueryNode {
        guard let symbol = takeSymbol(["~", "!~"]) else { throw unexpected("~ or !~ after \(name.text)") }
        let text = try value("the text to find")
        var lexer = QueryLexer(try QueryText(text.text))
        var parts: [QueryNode] = []
        while let (token, _) = try lexer.next() {
            guard let term = Self.term(token, columns, text.range), textTerms < QueryLimits.textTerms else { continue }
            textTerms += 1
            parts.append(.text(term))
        }
        let node = QueryParser.join(parts, QueryNode.and) ?? .everything
        return symbol == "~" ? node : .not(node)
    }

    private static func term(_ token: QueryToken, _ columns: UInt8, _ range: Range<Int>) -> TextTerm? {
        switch token {
        case .phrase(let phrase): TextTerm(kind: .phrase, text: phrase, columns: columns, range: range)
        case .word(let word) where word.last == "*":
            TextTerm(kind: .prefix, text: String(word.dropLast()), columns: columns, range: range)
        case .word(let word): TextTerm(kind: .word, text: word, columns: columns, range: range)
        case .filter(let filter):
            TextTerm(
                kind: .phrase, text: ([filter.name] + filter.values.map(\.text)).joined(separator: " "),
                columns: columns, range: range)
        default: nil
        }
    }

    private mutating func list() throws(QueryError) -> [Filter.Value] {
        guard position < tokens.count, tokens[position].token == .open else {
            throw unexpected("a list in parentheses")
        }
        position += 1
        var values = [try value("a value")]
        while position < tokens.count, tokens[position].token == .comma {
            position += 1
            values.append(try value("a value"))
            guard values.count <= QueryLimits.filterValues else {
                throw QueryError(.queryTooLong, "A list takes at most \(QueryLimits.filterValues) values", at: here)
            }
        }
        guard position < tokens.count, tokens[position].token == .close else {
            throw unexpected("a comma or a closing parenthesis")
        }
        position += 1
        return values
    }

    private mutating func order() throws(QueryError) -> SortOrder {
        position += 1
        guard take("BY") else { throw unexpected("BY") }
        var result: SortOrder?
        repeat {
            let name = try value("a field to sort by")
            let plain = FilterField(name: name.text)?.rawValue ?? name.text.lowercased()
            guard let field = SortOrder.SortField(rawValue: plain) else {
                let nearest = EditDistance.nearest(to: plain, among: SortOrder.SortField.allCases.map(\.rawValue))
                throw QueryError(
                    .unknownValue, "Hits cannot be sorted by `\(name.text)`",
                    advice: "Use one of \(SortOrder.SortField.allCases.map(\.rawValue).joined(separator: ", "))",
                    at: name.range, suggestions: nearest)
            }
            let isDescending = take("DESC")
            if !isDescending { _ = take("ASC") }
            // Only the first field decides here; ties are in the order of creation.
            result = result ?? .field(field, descending: isDescending)
        } while takeComma()
        return result ?? .relevance
    }

    // MARK: Pieces

    private var here: Range<Int> { position < tokens.count ? tokens[position].range : length..<length }

    private func isWord(_ keyword: String) -> Bool {
        guard position < tokens.count, case .word(let word) = tokens[position].token else { return false }
        return word.uppercased() == keyword
    }

    private mutating func take(_ keyword: String) -> Bool {
        guard isWord(keyword) else { return false }
        position += 1
        return true
    }

    private mutating func takeComma() -> Bool {
        guard position < tokens.count, tokens[position].token == .comma else { return false }
        position += 1
        return true
    }

    private mutating func takeSymbol(_ symbols: [String]) -> String? {
        guard position < tokens.count, case .symbol(let symbol) = tokens[position].token, symbols.contains(symbol)
        else {
            return nil
        }
        position += 1
        return symbol
    }

    private mutating func value(_ what: String) throws(QueryError) -> Filter.Value {
        guard position < tokens.count else { throw unexpected(what) }
        let (token, range) = tokens[position]
        position += 1
        switch token {
        case .word(let word): return Filter.Value(text: word, isQuoted: false, range: range)
        case .quoted(let text): return Filter.Value(text: text, isQuoted: true, range: range)
        default:
            position -= 1
            throw unexpected(what)
        }
    }

    private func unexpected(_ wanted: String) -> QueryError {
        let found = position < tokens.count ? "here" : "at the end"
        return QueryError(
            .badQuery, "The JQL cannot be read: \(wanted) is expected \(found)",
            advice: "Example: project = PAY AND status IN (Open, \"In Progress\") ORDER BY updated DESC", at: here)
    }
}
