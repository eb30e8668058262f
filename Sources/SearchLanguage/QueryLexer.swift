/// A query cut into Unicode scalars, with control characters read as spaces and typographic quotes as straight ones.
struct QueryText {
    let scalars: [Unicode.Scalar]

    /// - Throws: `QueryError` with code `query_too_long`.
    init(_ text: String) throws(QueryError) {
        guard text.utf8.count <= QueryLimits.length else {
            throw QueryError(
                .queryTooLong, "The query has \(text.utf8.count) bytes; at most \(QueryLimits.length) are read",
                advice: "Search for the words that matter, such as the error message's first line")
        }
        scalars = text.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x201C, 0x201D, 0x201E, 0x00AB, 0x00BB: "\""
            case 0x00A0, 0x2000...0x200D, 0x2028, 0x2029, 0x202F, 0x3000, 0xFEFF: " "
            default: scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? " " : scalar
            }
        }
    }

    func string(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[range])
        return text
    }

    func isSpace(_ position: Int) -> Bool { scalars[position] == " " }
}

/// A piece of a query in the plain language.
enum QueryToken: Hashable {
    case open
    case close
    case not
    case or
    case and
    case word(String)
    case phrase(String)
    case filter(FilterToken)

    struct FilterToken: Hashable {
        var name: String
        var comparison: Comparison
        var values: [Filter.Value]
        var isNegated: Bool
    }
}

enum Comparison: String, Hashable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case unequal = "!="
    case more = ">"
    case less = "<"
    case equal = "="
}

/// Reads the plain query language piece by piece.
///
/// Nothing of it is an error but a filter that cannot be meant: quotes that are never closed end with the query, and a
/// lone parenthesis, dash or star is passed over.
struct QueryLexer {
    let text: QueryText
    private(set) var position = 0
    private(set) var depth = 0

    init(_ text: QueryText) { self.text = text }

    private var scalars: [Unicode.Scalar] { text.scalars }
    private var isAtEnd: Bool { position >= scalars.count }
    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    mutating func next() throws(QueryError) -> (token: QueryToken, range: Range<Int>)? {
        while !isAtEnd {
            let start = position
            switch scalars[position] {
            case " ", "+", "*", ",":
                position += 1
            case "(":
                position += 1
                depth += 1
                return (.open, start..<position)
            case ")":
                position += 1
                guard depth > 0 else { continue }
                depth -= 1
                return (.close, start..<position)
            case "\"":
                return (.phrase(quoted()), start..<position)
            case "-" where isNegation():
                position += 1
                return (.not, start..<position)
            case "-":
                position += 1
            case "|":
                while peek() == "|" { position += 1 }
                return (.or, start..<position)
            default:
                return (try wordOrFilter(), start..<position)
            }
        }
        return nil
    }

    /// A dash before something, at the start of a word: `-done`. A second dash makes it an option, `--verbose`.
    private mutating func isNegation() -> Bool {
        guard let next = peek(1), next != " ", next != ")" else { return false }
        guard next == "-" else { return true }
        while peek() == "-" { position += 1 }
        position -= 1
        return false
    }

    /// Reads a quoted text, the opening quote included. The closing one may be missing.
    private mutating func quoted() -> String {
        let mark = scalars[position]
        position += 1
        var inside = ""
        while let scalar = peek(), scalar != mark {
            if scalar == "\\", let next = peek(1), next == mark || next == "\\" { position += 1 }
            inside.unicodeScalars.append(scalars[position])
            position += 1
        }
        position += isAtEnd ? 0 : 1
        return inside
    }

    private mutating func wordOrFilter() throws(QueryError) -> QueryToken {
        if let name = filterName() {
            return try filter(named: name)
        }
        let start = position
        var open = 0
        while let scalar = peek(), scalar != " ", scalar != "\"" {
            if scalar == "(" { open += 1 }
            if scalar == ")" {
                if open == 0, depth > 0 { break }
                open -= 1
            }
            position += 1
        }
        let word = text.string(start..<position)
        switch word {
        case "OR", "||": return .or
        case "AND", "&&", "&": return .and
        case "NOT": return .not
        default: return .word(word)
        }
    }

    // MARK: Filters

    /// The name of a filter that begins here, or `nil` where the text only looks like one: `http://…`, `std::move`,
    /// `localhost:80`, `C:\`.
    private func filterName() -> String? {
        var end = position
        while end < scalars.count, scalars[end].isASCII, scalars[end].properties.isAlphabetic || scalars[end] == "_" {
            end += 1
        }
        guard end - position >= 2, end < scalars.count, scalars[end] == ":" else { return nil }
        let name = text.string(position..<end)
        let isKnown = FilterField(name: name) != nil || name.lowercased() == "sort"
        guard end + 1 < scalars.count else { return isKnown ? name : nil }
        switch scalars[end + 1] {
        case "/", "\\", ":": return nil
        default: break
        }
        if isKnown { return name }
        // What is not close to any filter may well be text, but small letters only would be: it is asked about, not guessed.
        let isPlain = name.unicodeScalars.allSatisfy { ("a"..."z").contains($0) }
        let isClose = !FilterField.suggestions(for: name).isEmpty
        let isNumber = ("0"..."9").contains(scalars[end + 1])
        let isTextFollowedBySpace = scalars[end + 1] == " "
        return !isTextFollowedBySpace && !isNumber && (isPlain || isClose) ? name : nil
    }

    private mutating func filter(named name: String) throws(QueryError) -> QueryToken {
        let start = position
        position += name.unicodeScalars.count + 1
        guard FilterField(name: name) != nil || name.lowercased() == "sort" else {
            let nearest = FilterField.suggestions(for: name)
            throw QueryError(
                .unknownFilter, "There is no filter `\(name):`",
                advice: (nearest.first.map { "Did you mean `\($0):`? " } ?? "")
                    + "To search for the text itself, put it in quotes",
                at: start..<position - 1, suggestions: nearest.map { "\($0):" })
        }
        var isNegated = false
        if peek() == "!", peek(1) != "=" {
            isNegated = true
            position += 1
        }
        var comparison = Comparison.equal
        for candidate in Comparison.allCases where text.starts(with: candidate.rawValue, at: position) {
            comparison = candidate
            position += candidate.rawValue.utf8.count
            break
        }
        let values = try peek() == "(" ? listInParentheses() : list()
        guard !values.isEmpty else {
            throw QueryError(
                .badValue, "The filter `\(name):` has no value", advice: "Write it without a space: `\(name):value`",
                at: start..<position)
        }
        return .filter(
            QueryToken.FilterToken(name: name, comparison: comparison, values: values, isNegated: isNegated))
    }

    private mutating func list() throws(QueryError) -> [Filter.Value] {
        var values: [Filter.Value] = []
        while let scalar = peek(), scalar != " ", !(scalar == ")" && depth > 0) {
            if scalar == "," {
                position += 1
                continue
            }
            try append(value(endingAt: depth > 0 ? [" ", ",", ")"] : [" ", ","]), to: &values)
        }
        return values
    }

    /// `(a, b)`, `(a|b)`, `(a OR b)`, `(a b)`.
    private mutating func listInParentheses() throws(QueryError) -> [Filter.Value] {
        position += 1
        var values: [Filter.Value] = []
        while let scalar = peek(), scalar != ")" {
            if scalar == " " || scalar == "," || scalar == "|" {
                position += 1
                continue
            }
            let value = value(endingAt: [" ", ",", "|", ")"])
            if value.isQuoted || value.text != "OR" { try append(value, to: &values) }
        }
        position += isAtEnd ? 0 : 1
        return values
    }

    private func append(_ value: Filter.Value, to values: inout [Filter.Value]) throws(QueryError) {
        guard values.count < QueryLimits.filterValues else {
            throw QueryError(
                .queryTooLong, "A filter takes at most \(QueryLimits.filterValues) values", at: value.range)
        }
        values.append(value)
    }

    private mutating func value(endingAt ends: Set<Unicode.Scalar>) -> Filter.Value {
        let start = position
        if peek() == "\"" || (peek() == "'" && scalars[(position + 1)...].contains("'")) {
            let inside = quoted()
            return Filter.Value(text: inside, isQuoted: true, range: start..<position)
        }
        var open = 0
        while let scalar = peek(), !ends.contains(scalar) || (scalar == ")" && open > 0), scalar != "\"" {
            if scalar == "(" { open += 1 }
            if scalar == ")" { open -= 1 }
            position += 1
        }
        if position == start { position += 1 }
        return Filter.Value(text: text.string(start..<position), isQuoted: false, range: start..<position)
    }
}

extension QueryText {
    func starts(with prefix: String, at position: Int) -> Bool {
        let prefix = Array(prefix.unicodeScalars)
        return position + prefix.count <= scalars.count && Array(scalars[position..<position + prefix.count]) == prefix
    }
}
