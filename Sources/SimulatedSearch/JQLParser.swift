/// Builds a query from tokens: OR binds least, then AND, then NOT.
struct JQLParser {
    private let tokens: [JQLToken]
    private var position = 0
    private var depth = 0

    init(_ tokens: [JQLToken]) {
        self.tokens = tokens
    }

    private var current: JQLToken? { position < tokens.count ? tokens[position] : nil }

    mutating func query() throws(JQLError) -> JQLQuery {
        var clause: JQLQuery.Clause?
        if let token = current, !isOrder(token) { clause = try alternatives() }
        var order: [JQLQuery.Order] = []
        if let token = current {
            guard isOrder(token) else { throw unexpected("Expecting either 'OR' or 'AND' but got", token) }
            order = try self.order()
        }
        return JQLQuery(clause: clause, order: order)
    }

    private func isOrder(_ token: JQLToken) -> Bool {
        token.isKeyword("order") && position + 1 < tokens.count && tokens[position + 1].isKeyword("by")
    }

    private func unexpected(_ expectation: String, _ token: JQLToken) -> JQLError {
        JQLError(
            "Error in the JQL Query: \(expectation) '\(token.text)'. (line \(token.line), character \(token.column))")
    }

    private func atEnd(_ expectation: String) -> JQLError {
        JQLError("Error in the JQL Query: \(expectation) the end of the query.")
    }

    private mutating func accept(_ words: String...) -> Bool {
        guard let token = current else { return false }
        let isMatch = words.contains { token.isKeyword($0) || token.isSymbol($0) }
        if isMatch { position += 1 }
        return isMatch
    }

    private mutating func alternatives() throws(JQLError) -> JQLQuery.Clause {
        var clauses = [try conjunction()]
        while accept("or", "||", "|") { clauses.append(try conjunction()) }
        return clauses.count == 1 ? clauses[0] : .or(clauses)
    }

    private mutating func conjunction() throws(JQLError) -> JQLQuery.Clause {
        var clauses = [try negation()]
        while accept("and", "&&", "&") { clauses.append(try negation()) }
        return clauses.count == 1 ? clauses[0] : .and(clauses)
    }

    private mutating func negation() throws(JQLError) -> JQLQuery.Clause {
        guard depth < 200 else { throw JQLError("Error in the JQL Query: The query is nested too deeply.") }
        depth += 1
        defer { depth -= 1 }
        if accept("not", "!") { return .not(try negation()) }
        if accept("(") {
            let inner = try alternatives()
            guard let token = current else { throw atEnd("Expecting ')' before") }
            guard accept(")") else { throw unexpected("Expecting ')' but got", token) }
            return inner
        }
        return .condition(try condition())
    }

    private static let reservedWords: Set<String> = [
        "and", "or", "not", "in", "is", "empty", "null", "order", "by", "select", "from", "where", "was", "changed",
        "abort",
        "access", "add", "after", "alter", "any", "as", "asc", "desc",
    ]

    private mutating func condition() throws(JQLError) -> JQLQuery.Condition {
        guard let field = current else { throw atEnd("Expecting a field name at") }
        guard field.isWord else {
            throw unexpected("Expecting either a field name or '(' but got", field)
        }
        if field.kind == .word, Self.reservedWords.contains(field.text.lowercased()) {
            throw JQLError(
                "Error in the JQL Query: '\(field.text)' is a reserved JQL word. You must surround it in quotation marks to "
                    + "use it in a query. (line \(field.line), character \(field.column))")
        }
        position += 1
        let relation = try relation(of: field.text)
        let operand = try operand()
        if relation == .isEmpty || relation == .isNotEmpty, operand != .empty {
            throw JQLError("The operator '\(relation.rawValue)' may only be used with EMPTY or NULL.")
        }
        if case .list = operand {
            guard relation == .isIn || relation == .isNotIn else {
                throw JQLError(
                    "Operator '\(relation.rawValue)' does not support the list value for field '\(field.text)'.")
            }
        } else if relation == .isIn || relation == .isNotIn, case .function = operand {
            return JQLQuery.Condition(field: field.text, relation: relation, operand: .list([operand]))
        } else if relation == .isIn || relation == .isNotIn {
            throw JQLError(
                "Operator '\(relation.rawValue)' does not support the non-list value for field '\(field.text)'.")
        }
        return JQLQuery.Condition(field: field.text, relation: relation, operand: operand)
    }

    private static let operatorList =
        "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."

    private mutating func relation(of field: String) throws(JQLError) -> JQLQuery.Relation {
        guard let token = current else {
            throw JQLError(
                "Error in the JQL Query: Expecting operator before the end of the query. \(Self.operatorList)")
        }
        position += 1
        if token.isKeyword("in") { return .isIn }
        if token.isKeyword("not"), accept("in") { return .isNotIn }
        if token.isKeyword("is") { return accept("not") ? .isNotEmpty : .isEmpty }
        if token.isKeyword("was") || token.isKeyword("changed") {
            throw JQLError("The operator '\(token.text.lowercased())' is not supported by the '\(field)' field.")
        }
        if token.kind == .symbol, let relation = JQLQuery.Relation(rawValue: token.text) { return relation }
        throw JQLError(
            "Error in the JQL Query: Expecting operator but got '\(token.text)'. \(Self.operatorList) "
                + "(line \(token.line), character \(token.column))")
    }

    private mutating func operand() throws(JQLError) -> JQLQuery.Operand {
        guard let token = current else { throw atEnd("Expecting either a value, list or function before") }
        if accept("(") {
            var elements = [try operand()]
            while accept(",") { elements.append(try operand()) }
            guard let end = current else { throw atEnd("Expecting ')' before") }
            guard accept(")") else { throw unexpected("Expecting ')' but got", end) }
            return .list(elements)
        }
        guard token.isWord else { throw unexpected("Expecting either a value, list or function but got", token) }
        position += 1
        if token.isKeyword("empty") || token.isKeyword("null") { return .empty }
        if accept("(") { return .function(token.text, try arguments()) }
        return .value(token.text)
    }

    private mutating func arguments() throws(JQLError) -> [String] {
        var arguments: [String] = []
        while !accept(")") {
            guard let token = current else { throw atEnd("Expecting ')' before") }
            guard token.isWord else { throw unexpected("Expecting a function argument but got", token) }
            arguments.append(token.text)
            position += 1
            if !accept(","), let next = current, !next.isSymbol(")") {
                throw unexpected("Expecting ')' but got", next)
            }
        }
        return arguments
    }

    private mutating func order() throws(JQLError) -> [JQLQuery.Order] {
        position += 2
        var order: [JQLQuery.Order] = []
        repeat {
            guard let field = current else { throw atEnd("Expecting a field name at") }
            guard field.isWord else { throw unexpected("Expecting a field name but got", field) }
            position += 1
            let isDescending = accept("desc")
            if !isDescending { _ = accept("asc") }
            order.append(JQLQuery.Order(field: field.text, isDescending: isDescending))
        } while accept(",")
        if let token = current { throw unexpected("Expecting either ',', 'ASC' or 'DESC' but got", token) }
        guard order.count <= 7 else {
            throw JQLError("The ORDER BY clause may not name more than 7 fields, this one names \(order.count).")
        }
        return order
    }
}
