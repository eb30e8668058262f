internal import WebFrame

/// Reads Coco's `filter` parameters.
///
/// Each is one condition: `field:value`, `field=value`, `field:any(a,b)`, `field>=value` and the other comparisons,
/// `exists(field)`, or words; `-` or `!` before it negates. Several of one field are alternatives, of different fields must
/// all hold; with the operator `AND` all must hold. Negated ones must hold always.
enum FilterGrammar {
    static func clause(of filters: [String], everyOne: Bool) throws(Problem) -> Clause {
        guard filters.count <= Clause.limit else { throw .invalid("At most \(Clause.limit) filters are taken.") }
        var groups: [(field: String, clauses: [Clause])] = []
        var conditions: [Clause] = []
        for filter in filters where !filter.isEmpty {
            guard filter.utf8.count <= 8_192 else { throw .invalid("A filter has at most 8192 bytes.") }
            let isNegated = filter.first == "-" || filter.first == "!"
            let (field, clause) = condition(isNegated ? filter.dropFirst() : filter[...])
            if isNegated {
                conditions.append(.not(clause))
            } else if everyOne || field.isEmpty {
                conditions.append(clause)
            } else if case .compare = clause {
                // Both ends of a span must hold.
                conditions.append(clause)
            } else if let place = groups.firstIndex(where: { $0.field == field }) {
                groups[place].clauses.append(clause)
            } else {
                groups.append((field, [clause]))
            }
        }
        return .all(conditions + groups.map { $0.clauses.count == 1 ? $0.clauses[0] : .any($0.clauses) })
    }

    private static func condition(_ text: Substring) -> (field: String, clause: Clause) {
        if text.hasPrefix("exists("), text.hasSuffix(")") {
            return ("", .exists(field: String(text.dropFirst(7).dropLast())))
        }
        let field = text.prefix { isFieldCharacter($0) }
        let rest = text.dropFirst(field.count)
        guard !field.isEmpty, let sign = rest.first else { return ("", .text(String(text))) }
        let name = String(field)
        for comparison in Clause.Comparison.allCases where rest.hasPrefix(comparison.rawValue) {
            let value = unquoted(rest.dropFirst(comparison.rawValue.count))
            return (name, .compare(field: name, comparison, value: value))
        }
        guard sign == ":" || sign == "=" else { return ("", .text(String(text))) }
        let value = rest.dropFirst()
        guard value.hasPrefix("any("), value.hasSuffix(")") else {
            return (name, .term(field: name, value: unquoted(value)))
        }
        let values = value.dropFirst(4).dropLast().split(separator: ",").map { unquoted($0) }
        return (name, .any(values.map { .term(field: name, value: $0) }))
    }

    private static func isFieldCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "." || character == "_")
    }

    static func unquoted(_ text: some StringProtocol) -> String {
        let text = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return String(text.dropFirst().dropLast())
    }
}
