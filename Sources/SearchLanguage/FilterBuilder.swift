internal import IssueModel

/// Turns a field, a comparison and values, from either language, into a condition.
package struct FilterBuilder {
    let clock: DateExpression.Clock

    func node(
        _ field: FilterField, _ comparison: Comparison, _ values: [Filter.Value], _ range: Range<Int>
    ) throws(QueryError) -> QueryNode {
        if field.isDate { return try dateNode(field, comparison, values, range) }
        if field == .is { return try Self.any(values, range) { value throws(QueryError) in try condition(value) } }
        switch comparison {
        case .equal: return plain(field, values, range)
        case .unequal: return .filter(Filter(field: field, test: .noneOf(values), range: range))
        default:
            throw QueryError(
                .badValue, "`\(field.rawValue)` cannot be compared with `\(comparison.rawValue)`",
                advice: "Only created, updated, resolved and due have an order", at: range)
        }
    }

    /// Values, of which an unquoted `none` or `empty` means that the field has none.
    private func plain(_ field: FilterField, _ values: [Filter.Value], _ range: Range<Int>) -> QueryNode {
        let named = values.filter { !isNone($0, field) }
        let empty: QueryNode = .filter(Filter(field: field, test: .empty, range: range))
        if named.count == values.count { return .filter(Filter(field: field, test: .anyOf(values), range: range)) }
        if named.isEmpty { return empty }
        return .or([.filter(Filter(field: field, test: .anyOf(named), range: range)), empty])
    }

    private func isNone(_ value: Filter.Value, _ field: FilterField) -> Bool {
        guard !value.isQuoted, field != .has else { return false }
        let text = value.text.lowercased()
        return text == "none" || text == "empty" || (field.isPerson && text == "unassigned")
    }

    static func any(
        _ values: [Filter.Value], _ range: Range<Int>,
        _ make: (Filter.Value) throws(QueryError) -> QueryNode
    ) throws(QueryError) -> QueryNode {
        var nodes: [QueryNode] = []
        for value in values { nodes.append(try make(value)) }
        return QueryParser.join(nodes, QueryNode.or) ?? .everything
    }

    // MARK: is:

    private func condition(_ value: Filter.Value) throws(QueryError) -> QueryNode {
        func filter(_ field: FilterField, _ test: Filter.Test) -> QueryNode {
            .filter(Filter(field: field, test: test, range: value.range))
        }
        guard let condition = FilterField.Condition(rawValue: value.text.lowercased()) else {
            throw Self.unknown(value, in: .is, among: FilterField.Condition.allCases.map(\.rawValue))
        }
        let done = Filter.Value(text: "done", isQuoted: false, range: value.range)
        switch condition {
        case .open: return .not(filter(.category, .anyOf([done])))
        case .closed: return filter(.category, .anyOf([done]))
        case .resolved: return .not(filter(.resolution, .empty))
        case .unresolved: return filter(.resolution, .empty)
        case .assigned: return .not(filter(.assignee, .empty))
        case .unassigned: return filter(.assignee, .empty)
        case .restricted: return .not(filter(.level, .empty))
        }
    }

    package static func unknown(
        _ value: Filter.Value, in field: FilterField, among known: some Sequence<String>
    ) -> QueryError {
        let nearest = EditDistance.nearest(to: value.text, among: known)
        return QueryError(
            .unknownValue, "There is no \(field.rawValue) `\(value.text)`",
            advice: nearest.first.map { "Did you mean `\($0)`?" } ?? "Check its spelling",
            at: value.range, suggestions: nearest.map { "\(field.rawValue):\($0.contains(" ") ? "\"\($0)\"" : $0)" })
    }

    // MARK: Dates

    private func dateNode(
        _ field: FilterField, _ comparison: Comparison, _ values: [Filter.Value], _ range: Range<Int>
    ) throws(QueryError) -> QueryNode {
        try Self.any(values, range) { value throws(QueryError) in
            let text = value.text.lowercased()
            if !value.isQuoted, text == "none" || text == "empty" {
                let empty = QueryNode.filter(Filter(field: field, test: .empty, range: range))
                return comparison == .unequal ? .not(empty) : empty
            }
            let span = try span(field, comparison, value)
            let node = QueryNode.filter(Filter(field: field, test: span, range: range))
            guard comparison == .unequal else { return node }
            return .and([.not(node), .not(.filter(Filter(field: field, test: .empty, range: range)))])
        }
    }

    private func span(
        _ field: FilterField, _ comparison: Comparison, _ value: Filter.Value
    ) throws(QueryError) -> Filter.Test {
        if let dots = value.text.range(of: "..") {
            let from = value.text[..<dots.lowerBound]
            let until = value.text[dots.upperBound...].drop { $0 == "." }
            guard comparison == .equal, !(from.isEmpty && until.isEmpty) else { throw badDate(value) }
            return .during(
                from: from.isEmpty ? nil : try moment(String(from), field, value).start,
                until: until.isEmpty ? nil : try Self.after(moment(String(until), field, value)))
        }
        let date = try moment(value.text, field, value)
        switch comparison {
        case .atLeast: return .during(from: date.start, until: nil)
        case .more: return .during(from: Self.after(date), until: nil)
        case .less: return .during(from: nil, until: date.start)
        case .atMost: return .during(from: nil, until: Self.after(date))
        case .equal, .unequal:
            guard date.start == date.end else { return .during(from: date.start, until: date.end) }
            // A distance alone reaches from there to now: `updated:7d`, and ahead for what is due.
            return date.start <= clock.now.rawValue
                ? .during(from: date.start, until: clock.now.rawValue + 1)
                : .during(from: field == .due ? clock.startOfDay() : clock.now.rawValue, until: date.start + 1)
        }
    }

    /// The first moment after it.
    private static func after(_ date: DateExpression) -> Int64 { max(date.end, date.start + 1) }

    private func moment(
        _ text: String, _ field: FilterField, _ value: Filter.Value
    ) throws(QueryError) -> DateExpression {
        guard let date = DateExpression(text, clock: clock) else { throw badDate(value) }
        guard field == .due, date.isUnsigned else { return date }
        let ahead = 2 * clock.now.rawValue - date.start
        return DateExpression(start: ahead, end: ahead)
    }

    private func badDate(_ value: Filter.Value) -> QueryError {
        QueryError(
            .badValue, "`\(value.text)` is no date",
            advice: "Write 2024-05-17, 2024-05, 2024, today, yesterday, -7d (days; also h, w, mo, y) or a range a..b",
            at: value.range)
    }

    // MARK: sort:

    func order(_ token: QueryToken.FilterToken, _ range: Range<Int>) throws(QueryError) -> SortOrder {
        var name = token.values.first?.text.lowercased() ?? ""
        var isDescending: Bool?
        for (ending, descending) in [("-asc", false), ("-desc", true)] where name.hasSuffix(ending) {
            name.removeLast(ending.count)
            isDescending = descending
        }
        if name == "relevance" { return .relevance }
        guard let field = SortOrder.SortField(rawValue: name) else {
            let known = SortOrder.SortField.allCases.map(\.rawValue) + ["relevance"]
            let nearest = EditDistance.nearest(to: name, among: known)
            throw QueryError(
                .unknownValue, "Hits cannot be sorted by `\(name)`",
                advice: "Use one of \(known.joined(separator: ", "))",
                at: range, suggestions: nearest.map { "sort:\($0)" })
        }
        return .field(field, descending: isDescending ?? (field != .due && field != .key))
    }
}

extension String {
    fileprivate func range(of separator: String) -> Range<Index>? { firstRange(of: separator) }
}
